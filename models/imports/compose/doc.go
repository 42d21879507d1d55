// Package compose imports compose files: services, networks, ports, volumes, secrets and environments.
//
// The rules of compose (interpolation, merging, extends, short and long forms, what is valid) are those of compose-go, applied to trees that are read here, so
// that each file comes through one reader, is bounded, and keeps its lines. The environment of the process plays no part: what has no value in `.env` is a
// placeholder, equal to itself alone. All profiles are read.
//
// # Limitations
//
// What a program decides by itself is not in the file: a flow that only `depends_on` suggests is marked as guessed.
//
// Source: the Compose Specification, https://github.com/compose-spec/compose-spec.
package compose
