// Asks did-jwt-vc and jose what they make of a credential, and has them issue one. Run by credential_test.go.
import { createVerifiableCredentialJwt, verifyCredential } from 'did-jwt-vc'
import { EdDSASigner, createJWT, verifyJWT } from 'did-jwt'
import * as jose from 'jose'
import { readFileSync } from 'node:fs'

const ask = JSON.parse(readFileSync(0, 'utf8'))
const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64'))
const x = Buffer.from(ask.key, 'base64').toString('base64url')
const d = Buffer.from(ask.seed, 'base64').toString('base64url')
const jwk = { kty: 'OKP', crv: 'Ed25519', x }
const { subject, role, from, until, context, type } = ask.claims

const resolver = {
	resolve: async (did) => ({
		didResolutionMetadata: {}, didDocumentMetadata: {},
		didDocument: did !== ask.issuer ? null : {
			id: did,
			verificationMethod: [{ id: did + '#key', type: 'JsonWebKey2020', controller: did, publicKeyJwk: jwk }],
			assertionMethod: [did + '#key'],
		},
	}),
}
const verify = {
	'did-jwt-vc': async (text, now) => (await verifyCredential(text, resolver, { policies: { now } })).payload.sub,
	jose: async (text, now) => {
		const key = await jose.importJWK(jwk, 'EdDSA')
		const { payload } = await jose.jwtVerify(text, key, { algorithms: ['EdDSA'], issuer: ask.issuer, typ: 'JWT', currentDate: new Date(now * 1000) })
		return payload.sub
	},
}
const [header, claims, signature] = ask.ours.split('.')
const other = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('auditor', 'approver')).toString('base64url')
const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
const forged = {
	changed: [`${header}.${other}.${signature}`, ask.now],
	none: [`${none}.${claims}.`, ask.now],
	over: [ask.ours, until + 1000],
}
const answer = { taken: {}, refused: {}, theirs: {} }
for (const [library, take] of Object.entries(verify)) {
	answer.taken[library] = await take(ask.ours, ask.now)
	for (const [name, [text, now]] of Object.entries(forged)) {
		answer.refused[`${library} ${name}`] = await take(text, now).then(() => '', (e) => String(e))
	}
}
const vc = { '@context': [context], credentialSubject: { role }, type: ['VerifiableCredential', type] }
answer.theirs['did-jwt-vc'] = await createVerifiableCredentialJwt(
	{ sub: subject, nbf: from, exp: until, vc },
	{ did: ask.issuer, signer: EdDSASigner(bytes(ask.seed)), alg: 'EdDSA' },
	{ canonicalize: true },
)
answer.theirs.jose = await new jose.SignJWT({ exp: until, iss: ask.issuer, nbf: from, sub: subject, vc })
	.setProtectedHeader({ alg: 'EdDSA', typ: 'JWT' })
	.sign(await jose.importJWK({ ...jwk, d }, 'EdDSA'))
// A did:web with a document that was written by us.
const document = JSON.parse(ask.document)
const web = { resolve: async () => ({ didResolutionMetadata: {}, didDocumentMetadata: {}, didDocument: document }) }
const signed = await createJWT({ sub: subject }, { issuer: document.id, signer: EdDSASigner(bytes(ask.seed)) }, { alg: 'EdDSA' })
answer.web = (await verifyJWT(signed, { resolver: web, proofPurpose: 'assertionMethod' })).signer.id
process.stdout.write(JSON.stringify(answer))
