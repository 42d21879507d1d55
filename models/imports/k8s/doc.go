// Package k8s imports Kubernetes manifests: workloads, services, ingresses, network policies, secrets, and what Istio's Gateway, VirtualService, PeerAuthentication and AuthorizationPolicy
// say. Objects are read from YAML trees, so that each keeps its line.
//
// What a network permits is worked out for each pair of programs and each port that the target listens on (policy.go): a program without policies can be reached by each other one in the
// cluster, and shares the zone of its namespace; one that a policy isolates has no zone, and is reached by what is permitted alone. An address block is compared with the ranges of private
// addresses, where pods and nodes have theirs.
//
// # Limitations
//
// Charts and kustomizations are imported once they are rendered. Objects that a controller makes (an operator's databases) are not in the input; custom resources that are no policies are
// left out, and said to be.
//
// Sources: the Kubernetes API reference 1.34 (networking.k8s.io/v1), Istio's reference 1.27 (security.istio.io/v1, networking.istio.io/v1).
package k8s
