package witness

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	_ "crypto/sha512" // authorities may name certificates by these
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/smallstep/pkcs7"
)

// Stamps is what an auditor demands of time stamps (RFC 3161): it is a part of the trust file.
type Stamps struct {
	Authorities []string `json:"authorities"` // certificates, in PEM, of the authorities or of those who vouch for them
	Within      int64    `json:"within"`      // how long after a milestone's time it must have been stamped, in seconds; 0: at any time
}

// Validate says what is wrong with the demands.
func (s *Stamps) Validate() error {
	_, err := s.certificates()
	return err
}

func (s *Stamps) certificates() ([]*x509.Certificate, error) {
	if len(s.Authorities) == 0 {
		return nil, errors.New("it names no authority")
	}
	if s.Within < 0 {
		return nil, fmt.Errorf("within is %d seconds", s.Within)
	}
	var out []*x509.Certificate
	for i, text := range s.Authorities {
		block, rest := pem.Decode([]byte(text))
		if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
			return nil, fmt.Errorf("authority %d: expected one certificate in PEM", i+1)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("authority %d: %w", i+1, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// MaxStamp is the largest answer of an authority that is read, in bytes: a signature and a chain of certificates.
const MaxStamp = 1 << 16

// Stamped is what a time stamp shows that passed.
type Stamped struct {
	Authority string    // the subject of its certificate
	Time      time.Time // when the authority had what it stamped, by its clock
}

var (
	contentIsStamp   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}  // RFC 3161, 2.4.2: id-ct-TSTInfo
	signingCertOne   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12} // RFC 2634, by SHA-1
	signingCertTwo   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5816
	extendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// Verify checks the answer of an authority about what it stamped, a milestone payload, which says that it was made at a time. Certificates have to be valid at the time of the stamp: an authority whose
// certificate has run out since is believed, one that has lost its key is not told from itself.
func (s *Stamps) Verify(answer, stamped []byte, at time.Time) (*Stamped, error) {
	roots, err := s.certificates()
	if err != nil {
		return nil, err
	}
	if len(answer) > MaxStamp {
		return nil, fmt.Errorf("it is larger than %d KB", MaxStamp>>10)
	}
	signed, stamp, err := parseStamp(answer)
	if err != nil {
		return nil, fmt.Errorf("it is not a time stamp (RFC 3161): %w", err)
	}
	if digest := sha256.Sum256(stamped); !stamp.Imprint.Algorithm.Algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA256) || !bytes.Equal(stamp.Imprint.Hash, digest[:]) {
		return nil, errors.New("it is not about this milestone, by SHA-256")
	}
	if len(signed.Signers) != 1 {
		return nil, fmt.Errorf("it has %d signers, expected one", len(signed.Signers))
	}
	var kind asn1.ObjectIdentifier
	if err := signed.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &kind); err != nil || !kind.Equal(contentIsStamp) {
		return nil, errors.New("what is signed is not a time stamp")
	}
	by := signed.GetOnlySigner()
	if by == nil { // the authority was not asked for its certificate
		signed.Certificates = append(signed.Certificates, roots...)
		if by = signed.GetOnlySigner(); by == nil {
			return nil, errors.New("the certificate of its signer is not there")
		}
	}
	if err := named(signed, by); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(by.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(extendedKeyUsage) }); i < 0 || !by.Extensions[i].Critical || len(by.ExtKeyUsage) != 1 ||
		by.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(by.UnknownExtKeyUsage) > 0 {
		return nil, errors.New("its signer's certificate is not one for time stamps alone")
	}
	believed := x509.NewCertPool()
	for _, c := range roots {
		believed.AddCert(c)
	}
	if err := signed.VerifyWithChainAtTime(believed, stamp.Time); err != nil {
		return nil, fmt.Errorf("no authority that you trust has signed it: %w", err)
	}
	out := &Stamped{by.Subject.String(), stamp.Time.UTC()}
	when, said := out.Time.Format(time.RFC3339), at.UTC().Format(time.RFC3339)
	switch late := out.Time.Sub(at); {
	case late < -tolerance:
		return nil, fmt.Errorf("it was stamped at %s, and the milestone says that it was made later, at %s", when, said)
	case s.Within > 0 && late > time.Duration(s.Within)*time.Second:
		return nil, fmt.Errorf("it was stamped at %s, and the milestone says that it was made at %s: that is longer than the %d seconds that your trust file allows", when, said, s.Within)
	}
	return out, nil
}

// stampInfo is what an authority signs: TSTInfo of RFC 3161, as far as it is looked at.
type stampInfo struct {
	Version int
	Policy  asn1.ObjectIdentifier
	Imprint imprint
	Serial  *big.Int
	Time    time.Time `asn1:"generalized"`
}

// imprint is what is stamped: MessageImprint of RFC 3161.
type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Hash      []byte
}

// parseStamp reads the answer of an authority: TimeStampResp of RFC 3161. Nothing of it is believed yet.
func parseStamp(answer []byte) (signed *pkcs7.PKCS7, stamp stampInfo, err error) {
	var response struct {
		Status struct {
			Status int
			Why    asn1.RawValue `asn1:"optional"`
		}
		Token asn1.RawValue `asn1:"optional"`
	}
	fail := func(err error) (*pkcs7.PKCS7, stampInfo, error) { return nil, stampInfo{}, err }
	rest, err := asn1.Unmarshal(answer, &response)
	switch {
	case err != nil:
		return fail(err)
	case len(rest) > 0:
		return fail(errors.New("something follows it"))
	case !distinguished(response.Token.FullBytes, 0):
		return fail(errors.New("its token is not in DER"))
	case response.Status.Status > 1: // 0: granted, 1: granted with changes
		return fail(fmt.Errorf("the authority refused, with the status %d", response.Status.Status))
	}
	if signed, err = pkcs7.Parse(response.Token.FullBytes); err != nil {
		return fail(err)
	}
	rest, err = asn1.Unmarshal(signed.Content, &stamp)
	if err == nil && (len(rest) > 0 || stamp.Version != 1) {
		err = errors.New("another version, or something follows it")
	}
	return signed, stamp, err
}

// distinguished reports whether what nests is written as DER has it, and not too deep. Readers of BER, which says more than DER, have been sent round in circles by what is neither.
func distinguished(data []byte, depth int) bool {
	const deepest = 24
	for len(data) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(data, &v)
		if err != nil || depth > deepest || len(rest) >= len(data) {
			return false
		}
		if v.IsCompound {
			if v.Class == asn1.ClassUniversal && v.Tag != asn1.TagSequence && v.Tag != asn1.TagSet || !distinguished(v.Bytes, depth+1) {
				return false
			}
		}
		data = rest
	}
	return true
}

// named checks that what is signed names the certificate of the signer, so that another one with the same key cannot take its place.
func named(signed *pkcs7.PKCS7, by *x509.Certificate) error {
	var two struct {
		Certificates []struct {
			Algorithm asn1.RawValue `asn1:"optional,tag:16"`
			Hash      []byte
			Issuer    asn1.RawValue `asn1:"optional"`
		}
		Policies asn1.RawValue `asn1:"optional"`
	}
	if err := signed.UnmarshalSignedAttribute(signingCertTwo, &two); err == nil && len(two.Certificates) > 0 {
		first := two.Certificates[0]
		sum := sha256.Sum256(by.Raw)
		if len(first.Algorithm.FullBytes) == 0 && bytes.Equal(first.Hash, sum[:]) { // SHA-256 is the default
			return nil
		}
		var algorithm struct {
			Algorithm  asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		if _, err := asn1.Unmarshal(first.Algorithm.FullBytes, &algorithm); err == nil {
			for hash, id := range map[crypto.Hash]asn1.ObjectIdentifier{crypto.SHA256: pkcs7.OIDDigestAlgorithmSHA256, crypto.SHA384: pkcs7.OIDDigestAlgorithmSHA384, crypto.SHA512: pkcs7.OIDDigestAlgorithmSHA512} {
				h := hash.New()
				h.Write(by.Raw)
				if algorithm.Algorithm.Equal(id) && bytes.Equal(h.Sum(nil), first.Hash) {
					return nil
				}
			}
		}
		return errors.New("what is signed names another certificate than the signer's")
	}
	var one asn1.RawValue
	if err := signed.UnmarshalSignedAttribute(signingCertOne, &one); err == nil {
		return errors.New("it names its certificate by SHA-1, which can be forged: ask an authority that follows RFC 5816")
	}
	return errors.New("what is signed does not name the signer's certificate (RFC 3161, 2.4.1)")
}

// Query writes the request for a time stamp of a milestone payload, with certificates: TimeStampReq of RFC 3161.
func Query(milestone []byte) ([]byte, error) {
	sum := sha256.Sum256(milestone)
	return asn1.Marshal(struct {
		Version      int
		Imprint      imprint
		Certificates bool
	}{1, imprint{pkix.AlgorithmIdentifier{Algorithm: pkcs7.OIDDigestAlgorithmSHA256, Parameters: asn1.NullRawValue}, sum[:]}, true})
}
