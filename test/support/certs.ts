import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** What a TLS server needs, and what a client must trust for it. */
export interface ServerCertificate {
  readonly key: string
  /** The leaf, and the intermediates that the server sends along. */
  readonly cert: string
  /** The root that a client would have to trust. */
  readonly ca: string
}

export interface TestCertificates {
  /** For `sonde.test`, `localhost`, 127.0.0.1 and ::1, good for 400 days. */
  readonly valid: ServerCertificate
  /** Signed by the same root, good for ten days more. */
  readonly tenDays: ServerCertificate
  readonly expired: ServerCertificate
  readonly notYetValid: ServerCertificate
  /** For `other.test` only. */
  readonly wrongName: ServerCertificate
  readonly selfSigned: ServerCertificate
  /** From another root of the same subject: a client that trusts `valid.ca` must refuse it. */
  readonly untrusted: ServerCertificate
  /** Root, intermediate and leaf, as RDS has them. */
  readonly rdsLike: ServerCertificate
  /** `rdsLike` with the intermediate left out. */
  readonly incomplete: ServerCertificate
  /** The leaf is good for 400 days, the intermediate that comes with it for twenty. */
  readonly agingIssuer: ServerCertificate
}

interface Issuer {
  readonly certificate: x509.X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const HOSTS = ['sonde.test', 'localhost', '127.0.0.1', '::1']

/** Made once in each process that imports this file. */
export const certificates: Promise<TestCertificates> = make()

async function make(): Promise<TestCertificates> {
  const root = await authority('CN=Sonde test root')
  const other = await authority('CN=Sonde test root')
  const rdsRoot = await authority('CN=Sonde test RDS Root CA ECC384 G1, O=Sonde')
  const rdsSub = await authority('CN=Sonde test RDS Subordinate CA, O=Sonde', rdsRoot)
  const rds = await leaf(rdsSub, HOSTS, -1, 400)
  const agingSub = await authority('CN=Sonde test aging CA', root, 20.5)
  const aging = await leaf(agingSub, HOSTS, -1, 400)
  const rdsCa = pem(rdsRoot.certificate)
  return {
    valid: await leaf(root, HOSTS, -1, 400),
    tenDays: await leaf(root, HOSTS, -1, 10.5),
    expired: await leaf(root, HOSTS, -30, -2.5),
    notYetValid: await leaf(root, HOSTS, 2, 30),
    wrongName: await leaf(root, ['other.test'], -1, 400),
    selfSigned: await selfSigned(),
    untrusted: await leaf(other, HOSTS, -1, 400),
    rdsLike: { key: rds.key, cert: `${rds.cert}\n${pem(rdsSub.certificate)}`, ca: rdsCa },
    incomplete: { key: rds.key, cert: rds.cert, ca: rdsCa },
    agingIssuer: {
      key: aging.key,
      cert: `${aging.cert}\n${pem(agingSub.certificate)}`,
      ca: pem(root.certificate),
    },
  }
}

async function authority(subject: string, above?: Issuer, toDays = 3650): Promise<Issuer> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(-365, toDays),
    serialNumber: serial(),
    subject,
    issuer: above?.certificate.subject ?? subject,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: (above?.keys ?? keys).privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate, keys }
}

async function leaf(
  issuer: Issuer,
  hosts: readonly string[],
  fromDays: number,
  toDays: number,
): Promise<ServerCertificate> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(fromDays, toDays),
    serialNumber: serial(),
    subject: `CN=${hosts[0] ?? ''}, O=Sonde`,
    issuer: issuer.certificate.subject,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: issuer.keys.privateKey,
    extensions: await leafExtensions(hosts, issuer.keys.publicKey),
  })
  return { key: await privatePem(keys), cert: pem(certificate), ca: pem(issuer.certificate) }
}

async function selfSigned(): Promise<ServerCertificate> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(-1, 400),
    serialNumber: serial(),
    name: 'CN=sonde.test',
    signingAlgorithm: algorithm,
    keys,
    extensions: await leafExtensions(HOSTS, keys.publicKey),
  })
  return { key: await privatePem(keys), cert: pem(certificate), ca: pem(certificate) }
}

async function leafExtensions(
  hosts: readonly string[],
  issuerKey: webcrypto.CryptoKey,
): Promise<x509.Extension[]> {
  const names = hosts.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }) as const)
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
    await x509.AuthorityKeyIdentifierExtension.create(issuerKey),
  ]
}

function validity(fromDays: number, toDays: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now + fromDays * DAY_MS), notAfter: new Date(now + toDays * DAY_MS) }
}

function serial(): string {
  return Buffer.from(webcrypto.getRandomValues(new Uint8Array(8)))
    .toString('hex')
    .replace(/^./, '1')
}

function pem(certificate: x509.X509Certificate): string {
  return certificate.toString('pem')
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new TypeError('an ECDSA key comes as a pair')
  return keys
}
