/**
 * Finds English where Korean is expected. Ids, names, addresses, codes and the terms that AWS's Korean documentation leaves in
 * Latin letters are not English prose; a word of a sentence is.
 */

/** Products, protocols, units and formats, as Korean texts write them too. */
const TERMS = new Set(
  `AWS AWSLambdaVPCAccessExecutionRole Amazon AmazonProvidedDNS Lambda VPC VPN NAT NAT64 RDS Aurora EC2 S3 DynamoDB CloudFormation
  CloudWatch Terraform Transit Gateway Proxy Secrets Manager STS IAM CLI ACL ENI IP IPv4 IPv6 CIDR DNS DHCP TLS TCP UDP HTTP SSL CA SVG
  JSON API ID Elastic Firewall Network Resolver Service Quotas Route Block Public Access MiB KiB GB kB ms Linux Sonde Prometheus Grafana
  Firehose stdout SSE Enter Escape Node Python HTTPS RST CNAME POST GET PostgreSQL MySQL Redis SQL Server Node Windows Debian
  Allow Deny Inactive Failed Pending Active Deactivated JavaScript English Data URL ARN AZ NAT64 PrivateLink bps
  tcp udp icmp icmpv6 tls dns http https postgres mysql redis mssql local blackhole static propagated internet connect exchange lambda
  true false active inactive deleted pending available failed running stopped expired rejected deleting off on p50 p90 p95 p99 hello keep-alive`.split(
    /\s+/,
  ),
)

/** What the scenarios' networks call their things, and codes of one word. */
export const SCENARIO_NAMES: ReadonlySet<string> = new Set([
  'orders',
  'ledger',
  'dynamodb',
  'secretsmanager',
  'ok',
  'deadline',
  // Of a certificate's issuer.
  'Root',
])

/** Whatever is no word: ids and names with signs or digits in them, addresses, codes, file names, options, times. */
const NO_WORD =
  /^(?:[^A-Za-z]*|.*[\d_:/@+*=#…<>{}$|\\].*|.*[A-Za-z]-[A-Za-z].*|.*\.[A-Za-z].*|--?[a-z].*|[A-Z]{2,}s?|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)$/

/**
 * The words of a text that are English prose.
 * @param names what the account calls its things: not ours to translate
 */
export function englishIn(text: string, names: ReadonlySet<string> = new Set()): readonly string[] {
  return text
    .replace(/[`“‘"'][^`”’"']*[`”’"']/g, ' ')
    .split(/[\s,;·→←↔()[\]「」“”"'‘’`?!~|]+|[가-힣]+|\.(?=\s|$)|:(?=\s|$)/)
    .filter((word) => !/^(?:\.|--)\w/.test(word))
    .map((word) => word.replace(/^[.:%&–—-]+|[.:%&–—-]+$/g, ''))
    .filter((word) => !NO_WORD.test(word) && !TERMS.has(word) && !names.has(word))
}

/** Sentences of a value whose Korean holds English, with what is English in them. */
export function englishOf(value: unknown, names: ReadonlySet<string>): readonly string[] {
  return sentencesIn(value).flatMap(({ ko }) => {
    const words = englishIn(ko, names)
    return words.length === 0 ? [] : [`${words.join(' ')}: ${ko}`]
  })
}

interface Told {
  readonly en: string
  readonly ko: string
}

/** All sentences of a value, however deep. */
function sentencesIn(value: unknown): readonly Told[] {
  if (Array.isArray(value)) return value.flatMap(sentencesIn)
  if (typeof value !== 'object' || value === null) return []
  if ('en' in value && 'ko' in value && typeof value.en === 'string' && typeof value.ko === 'string')
    return [{ en: value.en, ko: value.ko }]
  return Object.values(value).flatMap(sentencesIn)
}
