// Package otm imports models in the Open Threat Model format: components, data flows, trust zones, assets.
//
// A trust zone is public if its type or its name is that of the Internet; zones that lie in a public one are not in it, as a network is not open for being part of the Internet. A component in
// another one stands in the zone of that.
//
// # Limitations
//
// Threats and mitigations are left out: that a mitigation was implemented is what somebody says, and no control of a design. OTM has no protocols; a tag that is one counts.
//
// Source: https://github.com/iriusrisk/OpenThreatModel, 0.2.0.
package otm
