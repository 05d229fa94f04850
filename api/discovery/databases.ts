import type { Check } from '../../probe/plan.schema.js'
import { all, PLACES, type Raw, record, records, text } from '../diagnosis/raw.js'
import type { Snapshot } from '../network/snapshot.js'
import type { Candidate, Candidates } from './candidate.js'
import { endpointIn, isIgnored, type SondeTags, vpcOfSubnetGroup } from './found.js'

const CLUSTERS = { call: 'describe-db-clusters', list: 'DBClusters', id: 'DBClusterIdentifier' }

/**
 * RDS and Aurora (Neptune and DocumentDB come by the same calls): a cluster by its writer's and its reader's name, an instance
 * outside of any cluster by its own, a proxy by its own. A cluster's single instances are not proposed: what a function uses is
 * the cluster's names, which follow a failover.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Cluster.html
 */
export function databaseCandidates(snapshot: Snapshot, tagsOf: (arn: string) => SondeTags): Candidates {
  const vpcOf = vpcOfSubnetGroup(snapshot, 'describe-db-subnet-groups')
  const kept = (arn: string, object: Raw) => !tagsOf(arn).ignored && !isIgnored(records(object, 'TagList'))
  const instances = all(snapshot, PLACES.dbInstance).flatMap((one): Candidate[] => {
    const endpoint = endpointIn(one, 'Endpoint')
    const vpcId = text(record(one, 'DBSubnetGroup'), 'VpcId')
    const alone = text(one, 'DBClusterIdentifier') === ''
    if (endpoint === null || vpcId === '' || !alone || !kept(text(one, 'DBInstanceArn'), one)) return []
    const name = `rds:${text(one, 'DBInstanceIdentifier')}`
    return [{ vpcId, check: databaseCheck(name, text(one, 'Engine'), endpoint.host, endpoint.port) }]
  })
  const clusters = all(snapshot, CLUSTERS).flatMap((one): Candidate[] => {
    const vpcId = vpcOf(text(one, 'DBSubnetGroup'))
    const port = one['Port']
    if (vpcId === '' || typeof port !== 'number' || !kept(text(one, 'DBClusterArn'), one)) return []
    const id = text(one, 'DBClusterIdentifier')
    const reads = records(one, 'DBClusterMembers').length > 1 ? text(one, 'ReaderEndpoint') : ''
    const named = [
      [`rds:${id}`, text(one, 'Endpoint')],
      [`rds:${id}.reader`, reads],
    ] as const
    return named
      .filter(([, host]) => host !== '')
      .map(([name, host]) => ({ vpcId, check: databaseCheck(name, text(one, 'Engine'), host, port) }))
  })
  const proxies = all(snapshot, PLACES.dbProxy).flatMap((one): Candidate[] => {
    const [host, vpcId, arn] = [text(one, 'Endpoint'), text(one, 'VpcId'), text(one, 'DBProxyArn')]
    const family = PROXY_FAMILIES[text(one, 'EngineFamily')]
    if (host === '' || vpcId === '' || family === undefined || !kept(arn, one)) return []
    // A proxy's certificate is ACM's, not one of RDS's own roots:
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html
    return [
      { vpcId, check: { name: `rds-proxy:${text(one, 'DBProxyName')}`, ...family, host, ca: 'system' } },
    ]
  })
  return { candidates: [...instances, ...clusters, ...proxies], passed: [] }
}

/** A proxy listens on its engine's own port: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connecting.html */
const PROXY_FAMILIES: Readonly<
  Record<string, { readonly kind: 'postgres' | 'mysql' | 'mssql'; readonly port: number }>
> = {
  POSTGRESQL: { kind: 'postgres', port: 5432 },
  MYSQL: { kind: 'mysql', port: 3306 },
  SQLSERVER: { kind: 'mssql', port: 1433 },
}

/** By the engine's own handshake where the probe speaks it, else TCP. Engine names are those of CreateDBInstance. */
function databaseCheck(name: string, engine: string, host: string, port: number): Check {
  if (/^(aurora-)?postgres/.test(engine)) return { name, kind: 'postgres', host, port }
  if (/^(aurora(-mysql)?$|mysql|mariadb)/.test(engine)) return { name, kind: 'mysql', host, port }
  if (/^(custom-)?sqlserver/.test(engine)) return { name, kind: 'mssql', host, port }
  return { name, kind: 'tcp', host, port }
}
