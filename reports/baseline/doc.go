// Package baseline keeps a list of findings that are known, so that a gate can be put up before everything is repaired.
//
// A finding is a requirement that is not met: against whom, with which values or in which element, and at what cost. What is in the list does not
// fail a check; a finding that is not, or one that has become cheaper, does. The list may only shrink: [List.Shrink] drops what is gone and takes
// nothing up. To accept a new risk there are waivers, which have a reason and an end.
//
// # Limitations
//
// The file is JSON with a finding for each entry, sorted, so that its diff can be read; nothing keeps somebody from editing it by hand but the
// review of that diff. `unknown` is never a known finding.
package baseline
