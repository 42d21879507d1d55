package imports

import "strings"

// FieldWord says which data a field of a message holds, by its name.
type FieldWord struct {
	Parts  []string // as in `card-number`; one of them stands in the name
	Not    []string // none of these does
	Name   string   // of the data
	Class  string
	Reason string
}

// fieldWords is the table. A field may hold several.
var fieldWords = []FieldWord{
	{Parts: k("card-number", "cardnumber", "pan", "credit-card", "creditcard", "card-no", "cc-number", "primary-account-number"), Not: k("cvv", "cvc", "expiration", "expiry", "exp", "year", "month", "type", "brand", "last4", "id", "gift", "holder"), Name: "card-number", Class: "cardholder_data", Reason: "the number of a card"},
	{Parts: k("cvv", "cvc", "cvv2", "cid-code", "security-code", "card-verification"), Name: "card-code", Class: "sensitive_authentication_data", Reason: "the verification code of a card"},
	{Parts: k("iban", "bic", "account-number", "sort-code", "routing-number"), Name: "bank-account", Class: "bank_data", Reason: "a bank account"},
	{Parts: k("street", "street-address", "address", "postcode", "postal-code", "zip", "zip-code", "zipcode", "shipping-address", "billing-address", "house-number"), Not: k("ip", "mac", "email", "mail", "wallet", "url", "web", "host"), Name: "address", Class: "contact_data", Reason: "a postal address"},
	{Parts: k("email", "e-mail", "mail-address", "emailaddress"), Not: k("template", "subject", "body", "enabled"), Name: "email", Class: "contact_data", Reason: "an e-mail address"},
	{Parts: k("phone", "phone-number", "telephone", "mobile", "msisdn"), Name: "phone", Class: "contact_data", Reason: "a phone number"},
	{Parts: k("first-name", "last-name", "firstname", "lastname", "full-name", "fullname", "surname", "given-name", "family-name", "cardholder-name", "card-holder"), Name: "person-name", Class: "contact_data", Reason: "a person's name"},
	{Parts: k("birth", "birthday", "birthdate", "date-of-birth", "dob", "ssn", "social-security-number", "passport", "passport-number", "tax-id", "national-id", "gender"), Name: "identity", Class: "personal_data", Reason: "an identity"},
	{Parts: k("latitude", "longitude", "geo-location", "gps"), Name: "location", Class: "location_data", Reason: "a location"},
	{Parts: k("password", "passwd", "passphrase"), Name: "password", Class: "password", Reason: "a password"},
	{Parts: k("access-token", "refresh-token", "session-token", "session-id", "id-token", "jwt", "bearer", "auth-token", "sessionid"), Name: "session", Class: "session_token", Reason: "a session or a login token"},
	{Parts: k("api-key", "apikey", "client-secret"), Name: "api-key", Class: "api_key", Reason: "an API key"},
	{Parts: k("voucher-code", "gift-card", "giftcard", "coupon-code", "gift-card-code"), Name: "voucher", Class: "voucher_code", Reason: "a means of payment"},
}

// Fields returns the table, for those who hold it to the catalogue.
func Fields() []FieldWord { return fieldWords }

// ByField returns what a field of a name holds.
func ByField(name string) []FieldWord {
	in := parts(split(name))
	has := func(p string) bool { return strings.Contains(in, "-"+p+"-") }
	var out []FieldWord
next:
	for _, w := range fieldWords {
		for _, n := range w.Not {
			if has(n) {
				continue next
			}
		}
		for _, p := range w.Parts {
			if has(p) {
				out = append(out, w)
				continue next
			}
		}
	}
	return out
}
