// Package threagile imports models of Threagile: technical assets, communication links, data assets, trust boundaries, shared runtimes.
//
// What a model states of an asset is taken for what it is: its encryption, its authentication. Boundaries become zones that lie in one another; a boundary that is the Internet has nothing in
// it, as what a network holds is not open because the network is part of the Internet.
//
// # Limitations
//
// Ratings of integrity and availability, tags and the risks that Threagile found are left out.
//
// Source: https://threagile.io, schema 1.0.0.
package threagile
