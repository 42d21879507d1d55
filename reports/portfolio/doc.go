// Package portfolio puts the reports of many designs on one page: which hold, what has changed since other reports on them, and which were checked against catalogues that are
// no longer those of the program.
//
// It reads documents alone, so that a job which puts the reports of others together needs no engine. A design is known by the path of its report.
//
// # Limitations
//
// Reports are taken as they are: whether verdicts follow from their inputs is for an audit to say, or for whoever made them.
package portfolio
