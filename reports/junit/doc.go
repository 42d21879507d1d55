// Package junit writes what a check found as JUnit XML, which build servers show: a suite for each design, a test for each requirement.
//
// `violated` and `depends` are failures, `unknown` is an error, `waived` is skipped, and so is what a
// baseline knows. A design that was not verified is a suite with one error.
//
// # Limitations
//
// There is no agreed schema; the elements and attributes are those that Jenkins, GitLab and GitHub's test reporters read. No times are written:
// the same inputs give the same bytes.
package junit
