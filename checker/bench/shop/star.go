package shop

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Hubs are the shapes in which as many others share one element as the size says.
var Hubs = append([]string{"party", "hub", "broker", "provider"}, slices.Sorted(maps.Keys(stars))...)

// star is one element that many others share: what is declared once, and what each of the others says. A name is written with # for the number of what has it.
type star struct{ once, each string }

// stars are the kinds of elements that designs share, by the name of their shape. Data D# is asked about; the lines beneath declare it.
var stars = map[string]star{
	"store": {`
component Hub: database in Core`, `
data D#: personal_data
component C#: webapp in Core
extend Hub { stores D# }
flow B#: Shopper -> C# over https
flow F#: C# -> Hub over sql_tls { returns D# }`},
	"cache": {`
component Hub: cache in Core`, `
data D#: personal_data
component C#: webapp in Core { stores D# }
flow B#: Shopper -> C# over https
flow F#: C# -> Hub over tls { carries D# }`},
	"log": {`
component Hub: logging_server in Core
actor Staff: employee in Core
flow Look: Staff -> Hub over https`, `
data D#: personal_data
component C#: webapp in Core { stores D# logs_to Hub }
flow B#: Shopper -> C# over https { returns D# }`},
	"gateway": {`
component Hub: gateway in Core
flow Come: Shopper -> Hub over https`, `
data D#: personal_data
component C#: service in Core { stores D# }
flow F#: Hub -> C# over https { returns D# }`},
	"proxied": {`
component Hub: gateway in Core`, `
data D#: personal_data
actor P#: customer in Internet
component C#: service in Core { stores D# }
flow B#: P# -> Hub over https { returns D# }
flow F#: Hub -> C# over https { returns D# }`},
	"cdn": {`
component Hub: cdn in Internet`, `
data D#: personal_data
component C#: webapp in Core { stores D# }
flow B#: Shopper -> C# over https { through Hub returns D# }`},
	"login": {`
component Hub: authorization_server in Core { stores Password }
data Password: customer_password
flow Login: Shopper -> Hub over https { authenticated by Password }`, `
data D#: personal_data
data T#: session_token of Shopper
component C#: webapp in Core { stores D# accepts T# }
extend Hub { issues T# }
flow B#: Shopper -> C# over https { authenticated by T# returns D# }`},
	"credential": {`
data Hub: api_key`, `
data D#: personal_data
component C#: webapp in Core { stores D# accepts Hub }
component S#: service in Core { stores Hub }
flow F#: S# -> C# over https { authenticated by Hub returns D# }
flow B#: Shopper -> C# over https`},
	"key": {`
data Hub: encryption_key
component Kms: secret_store in Core { stores Hub }`, `
data D#: personal_data
component C#: database in Core { stores D# with encryption }
component S#: webapp in Core
extend Hub { encrypts D# }
flow K#: S# -> Kms over https { returns Hub }
flow F#: S# -> C# over sql_tls { returns D# }
flow B#: Shopper -> S# over https`},
	"secrets": {`
component Hub: secret_store in Core`, `
data D#: personal_data
data K#: api_key
component C#: webapp in Core { stores D# accepts K# }
component S#: service in Core
extend Hub { stores K# }
flow G#: S# -> Hub over https { returns K# }
flow F#: S# -> C# over https { authenticated by K# returns D# }
flow B#: Shopper -> C# over https`},
	"host": {`
component Hub: host in Core`, `
data D#: personal_data
component C#: webapp in Core { stores D# runs on Hub }
flow B#: Shopper -> C# over https { returns D# }`},
	"pipeline": {`
component Repo: repository in Core
component Hub: build_pipeline in Core { builds_from Repo }
actor Dev: developer in Internet
data Key: access_token
flow Push: Dev -> Repo over https { authenticated by Key }`, `
data D#: personal_data
data T#: api_key
component C#: webapp in Core { stores D# accepts T# built_by Hub }
extend Hub { stores T# }
flow R#: Hub -> C# over https { authenticated by T# }
flow B#: Shopper -> C# over https`},
	"admin": {`
actor Hub: administrator in Internet
data Password: staff_password`, `
data D#: personal_data
component C#: admin_interface in Core { stores D# }
flow F#: Hub -> C# over https { authenticated by Password returns D# }`},
	"data": {`
data Hub: personal_data`, `
data D#: personal_data
component C#: webapp in Core { stores D# stores Hub }
flow B#: Shopper -> C# over https { returns Hub carries Hub }`},
	"names": {`
component Hub: dns_service in Internet`, `
data D#: personal_data
component C#: webapp in Core { stores D# }
extend Hub { names C# }
flow B#: Shopper -> C# over https { returns D# }`},
	"mail": {`
component Hub: mail_server in Core`, `
data D#: personal_data
actor P#: customer in Internet
component C#: webapp in Core { stores D# }
flow F#: C# -> Hub over smtps { carries D# }
flow M#: Hub -> P# over smtps { carries D# }`},
	"backup": {`
component Hub: backup_store in Core`, `
data D#: personal_data
component C#: database in Core { stores D# }
component S#: webapp in Core
extend Hub { backs_up C# }
flow F#: S# -> C# over sql_tls { returns D# }
flow B#: Shopper -> S# over https`},
	"carrier": {`
actor Hub: carrier in Internet`, `
data D#: delivery_instructions
component C#: webapp in Core { stores D# }
flow B#: Shopper -> C# over https { carries D# }
flow F#: C# -> Hub over https { carries D# }`},
}

// star prints a star.
func (s *shop) star(of star) {
	s.outsider()
	s.line("zone Core: private")
	s.declare(of.once)
	for i := range s.n {
		s.declare(strings.ReplaceAll(of.each, "#", strconv.Itoa(i)))
		s.ask(i)
	}
}

// declare prints declarations, with controls on components where the design is to be secure.
func (s *shop) declare(text string) {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if s.secure && strings.HasPrefix(line, "component ") {
			head, body, _ := strings.Cut(line, " { ")
			line = head + " { has " + hardened + " " + strings.TrimSuffix(body, " }") + " }"
		}
		s.line("%s", line)
	}
}
