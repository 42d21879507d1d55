package examples

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vauban-verifier/vauban/checker"
	"github.com/vauban-verifier/vauban/dsl/diag"
	"github.com/vauban-verifier/vauban/models"
	"github.com/vauban-verifier/vauban/threats"
)

// named are the attacks that somebody who builds shops names for a control when it is taken away, by their threats: one of them is a step of the attack.
var named = map[string][]string{
	"atomic_redemption":              {"redeem-twice"},
	"authentication":                 {"send-unauthenticated"},
	"bot_detection":                  {"automate", "captcha-defeat"},
	"cache_control":                  {"cache-poisoning", "cache-deception"},
	"content_security_policy":        {"cross-site-scripting", "stored-script-in-back-office", "script-in-data", "clickjacking"},
	"csrf_protection":                {"request-forgery"},
	"ddos_protection":                {"volumetric-flood", "flood"},
	"dynamic_linking":                {"relayed-authentication"},
	"endpoint_protection":            {"malicious-attachment"},
	"frame_protection":               {"clickjacking"},
	"fraud_scoring":                  {"cashing-out", "relayed-authentication", "carding"},
	"function_authorization":         {"function-level-authorization"},
	"hardening":                      {"lateral-movement", "lateral-movement-host", "injection"},
	"httponly_cookies":               {"session-theft"},
	"immutable_storage":              {"destroy-data"},
	"input_validation":               {"injection", "sql-injection", "server-side-request-forgery", "unsafe-answers"},
	"least_privilege":                {"query-store", "overwrite-store"},
	"mtls":                           {"reach-on-the-way", "reach-from-zone", "tap"},
	"microsegmentation":              {"lateral-movement", "lateral-movement-host"},
	"object_authorization":           {"object-level-authorization", "object-level-location", "tenant-mixup"},
	"origin_shield":                  {"volumetric-flood", "automate"},
	"output_encoding":                {"cross-site-scripting", "stored-script-in-back-office", "script-in-data"},
	"parameterized_queries":          {"sql-injection"},
	"phishing_resistant_login":       {"phishing", "relay-phishing", "credential-stuffing", "password-spraying"},
	"property_allowlist":             {"mass-assignment"},
	"purchase_limits":                {"scalping"},
	"rate_limiting":                  {"flood", "code-guessing", "carding"},
	"recovery_verification":          {"account-recovery", "change-address", "mailbox-recovery"},
	"replay_protection":              {"replay", "replay-between"},
	"request_signing":                {"send-unauthenticated", "payment-notification-forgery"},
	"response_filtering":             {"excessive-data-exposure"},
	"samesite_cookies":               {"request-forgery", "clickjacking"},
	"second_code":                    {"gift-card-draining"},
	"segmentation":                   {"enter-inner-network", "cross-peering"},
	"server_side_prices":             {"price-manipulation"},
	"strict_http_parsing":            {"request-smuggling"},
	"strong_customer_authentication": {"cashing-out", "card-cracking"},
	"token_binding":                  {"replay-session"},
	"transaction_confirmation":       {"ride-session", "request-forgery", "clickjacking", "change-address"},
	"two_person_rule":                {"refund-to-self", "bribe-staff"},
	"unguessable_codes":              {"code-guessing"},
	"vendor_assurance":               {"breach-supplier", "supplier-insider", "injection"},
}

// missed are controls whose loss everybody would miss, by shop.
var missed = map[string][]string{
	"hosted-page.vbn":     {"Shop has input_validation", "Shop has object_authorization", "Shop has ddos_protection", "ClerkPc has endpoint_protection"},
	"headless-fields.vbn": {"PspScripts has vendor_assurance", "Api has object_authorization", "Orders has atomic_redemption", "Orders has second_code", "Login has phishing_resistant_login"},
	"microservices.vbn":   {"Web has input_validation", "Web has object_authorization", "Console has function_authorization", "Laptop has endpoint_protection"},
}

// TestWellBuilt takes each control of the well-built shops away in turn. Whatever falls, falls by an attack that somebody who builds shops would name for
// that control; and what everybody would miss is missed.
func TestWellBuilt(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("well-built/*.vbn")
	if err != nil || len(files) != len(missed) {
		t.Fatalf("%d shops, expected %d (%v)", len(files), len(missed), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			diags := &diag.List{}
			m := threats.Load(read, []string{filepath.ToSlash(file)}, diags)
			if m == nil {
				t.Fatal(render(diags))
			}
			var fell []string
			for _, e := range m.Design.Elements {
				all := e.Controls
				for _, k := range all {
					if k.Given {
						continue
					}
					e.Controls = slices.DeleteFunc(slices.Clone(all), func(x models.ControlState) bool { return x.Control == k.Control })
					name := e.Name + " has " + k.Control.Name
					for requirement, ids := range falls(t, m) {
						fell = append(fell, name)
						if !slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(named[k.Control.Name], id) }) {
							t.Errorf("without %s, %s falls by %s", name, requirement, strings.Join(ids, ", "))
						}
					}
				}
				e.Controls = all
			}
			for _, name := range missed[filepath.Base(file)] {
				if !slices.Contains(fell, name) {
					t.Errorf("without %s nothing falls", name)
				}
			}
		})
	}
}

// falls returns the requirements that do not hold, each with the threats of its first attack.
func falls(t *testing.T, m *threats.Model) map[string][]string {
	t.Helper()
	r, err := checker.Check(t.Context(), m, checker.Options{AsOf: asOf})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, q := range r.Requirements {
		if q.Verdict == checker.Holds {
			continue
		}
		for _, k := range q.Cases {
			if k.Attack == nil || out[q.Source.Name] != nil {
				continue
			}
			for _, s := range k.Attack.Steps {
				out[q.Source.Name] = append(out[q.Source.Name], s.ID)
			}
		}
	}
	return out
}
