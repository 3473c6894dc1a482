import { generateKeyPairSync } from 'node:crypto'
import forge from 'node-forge'

const YEAR_MS = 365 * 86_400_000
const [DNS_NAME, IP_ADDRESS] = [2, 7]

/** A certificate for this machine that vouches for itself: whoever is to trust it must be told. */
export function makeCertificate(nowMs: number): { key: string; cert: string } {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const certificate = forge.pki.createCertificate()
  const name = [{ name: 'commonName', value: 'Chasqui simulator' }]
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKey)
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(8))}`
  certificate.validity.notBefore = new Date(nowMs - YEAR_MS / 365)
  certificate.validity.notAfter = new Date(nowMs + YEAR_MS)
  certificate.setSubject(name)
  certificate.setIssuer(name)
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: IP_ADDRESS, ip: '127.0.0.1' },
        { type: DNS_NAME, value: 'localhost' },
      ],
    },
  ])
  certificate.sign(forge.pki.privateKeyFromPem(keys.privateKey), forge.md.sha256.create())
  return { key: keys.privateKey, cert: forge.pki.certificateToPem(certificate) }
}
