package diagram

import "github.com/vauban-verifier/vauban/models"

// iconOf names the icon for kinds of the built-in catalogues; other kinds get that of the first kind above them that is here.
var iconOf = map[string]string{
	models.ZoneRoot: "zone", models.ActorRoot: "person", "business": "building",
	models.ComponentRoot: "part", "service": "service", "webapp": "window", "browser": "window", "gateway": "gate", "proxy": "gate",
	"store": "store", "secret_store": "key", "message_broker": "queue", "authorization_server": "key", "host": "host",
	"device": "device", "phone": "phone", "mobile_app": "phone", "vehicle": "vehicle", "thing": "thing", "script_host": "service",
	"document": "document", "repository": "document", "build_pipeline": "queue", "scheduler": "clock", "third_party": "cloud",
}

// icons are paths in a square of 16, drawn as lines.
var icons = map[string]string{
	"zone":     "M1.8 3.5h9.5v9.5H1.8zM4.7 3.5V1.2h9.5v9.5h-2.9",
	"person":   "M8 8a3 3 0 1 0-.01 0zM2.5 14.5c.4-3 2.6-4.6 5.5-4.6s5.1 1.6 5.5 4.6",
	"building": "M3 14.5V3h7v11.5M10 7h3.5v7.5M1.5 14.5h13M5.5 6h2M5.5 9h2M5.5 12h2",
	"part":     "M3 4h10v9H3zM1.5 6.5H4.5M1.5 10.5H4.5",
	"service":  "M8 1.8l5.4 3.1v6.2L8 14.2l-5.4-3.1V4.9zM8 6a2 2 0 1 0 .01 0z",
	"window":   "M1.8 3h12.4v10.5H1.8zM1.8 6.2h12.4M4 4.6h.01M6 4.6h.01",
	"gate":     "M8 1.8l5.5 2v4.4c0 3-2.3 5-5.5 6.2-3.2-1.2-5.5-3.2-5.5-6.2V3.8zM5 8h6M9 6l2 2-2 2",
	"store":    "M2.8 4c0-1.3 2.3-2.2 5.2-2.2s5.2.9 5.2 2.2v8c0 1.3-2.3 2.2-5.2 2.2S2.8 13.3 2.8 12zM2.8 4c0 1.3 2.3 2.2 5.2 2.2S13.2 5.3 13.2 4M2.8 8c0 1.3 2.3 2.2 5.2 2.2s5.2-.9 5.2-2.2",
	"key":      "M5.2 7.2a3.2 3.2 0 1 0 .01 0zM7.7 8.3L13.8 2.3M11 5l2.2 2.2",
	"queue":    "M1.8 5h12.4v6H1.8zM5 5v6M8 5v6M11 5v6",
	"host":     "M2 2.5h12v4.8H2zM2 8.7h12v4.8H2zM4.5 5h.01M4.5 11.2h.01",
	"device":   "M4.5 4.5h7v7h-7zM6.5 2v2.5M9.5 2v2.5M6.5 11.5V14M9.5 11.5V14M2 6.5h2.5M2 9.5h2.5M11.5 6.5H14M11.5 9.5H14",
	"phone":    "M4.5 1.8h7v12.4h-7zM7.5 12.2h1",
	"vehicle":  "M1.5 4h8v7h-8zM9.5 6.5h3l2 2.5v2h-5M4 13a1.5 1.5 0 1 0-.01 0zM11.5 13a1.5 1.5 0 1 0-.01 0z",
	"thing":    "M2 5l6-3 6 3v6.5l-6 3-6-3zM2 5l6 3 6-3M8 8v6.5",
	"document": "M3.5 1.8h6l3 3v9.4h-9zM9.5 1.8v3h3M5.5 8h5M5.5 11h5",
	"clock":    "M8 1.8a6.2 6.2 0 1 0 .01 0zM8 4.5V8l2.5 1.8",
	"cloud":    "M4.5 12.5a3 3 0 0 1-.2-6 4 4 0 0 1 7.6.8 2.6 2.6 0 0 1 .1 5.2z",
}

// icon is the icon of an element.
func icon(e *models.Element) string {
	for _, k := range e.Kinds {
		for at := k; at.Parent != nil && at.Parent.Name != models.PartyRoot; at = at.Parent {
			if name, ok := iconOf[at.Name]; ok {
				return name
			}
		}
	}
	return iconOf[e.Root()]
}
