// Package terraform imports plans and states as `terraform show -json` writes them: databases, queues, buckets, load balancers, machines, and which of them the Internet can reach.
//
// A plan has no lines, so the origin of an element is the file alone. Only attributes that are named here are read, none that is sensitive; expressions are never evaluated: what one resource
// refers to is what Terraform says that it does. All resources of one cloud share a network, in which each may connect to each other: groups of rules only say what the Internet can reach.
//
// # Limitations
//
// Rules between groups, routes and policies of identities are not read, so more may be drawn than there is.
//
// Source: Terraform's JSON output format 1.2.
package terraform
