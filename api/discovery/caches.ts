import type { Check } from '../../probe/plan.schema.js'
import { all, type Raw, records, strings, text } from '../diagnosis/raw.js'
import type { Model } from '../network/model.js'
import type { Snapshot } from '../network/snapshot.js'
import type { Candidate, Candidates } from './candidate.js'
import { endpointIn, type SondeTags, vpcOfSubnetGroup } from './found.js'

const CLUSTERS = { call: 'describe-cache-clusters', list: 'CacheClusters', id: 'CacheClusterId' }
const GROUPS = { call: 'describe-replication-groups', list: 'ReplicationGroups', id: 'ReplicationGroupId' }
const SERVERLESS = { call: 'describe-serverless-caches', list: 'ServerlessCaches', id: 'ServerlessCacheName' }

/**
 * ElastiCache: a replication group by its configuration endpoint or by the primary's and the readers' name, a cluster outside
 * of any group by its own, a serverless cache by its own.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
 */
export function cacheCandidates(
  snapshot: Snapshot,
  model: Model,
  tagsOf: (arn: string) => SondeTags,
): Candidates {
  const vpcOf = vpcOfSubnetGroup(snapshot, 'describe-cache-subnet-groups')
  const clusters = all(snapshot, CLUSTERS)
  const vpcOfCluster = new Map(
    clusters.map((one) => [text(one, 'CacheClusterId'), vpcOf(text(one, 'CacheSubnetGroupName'))]),
  )
  const kept = (one: Raw) => !tagsOf(text(one, 'ARN')).ignored

  const groups = all(snapshot, GROUPS).flatMap((one): Candidate[] => {
    const vpcId = strings(one, 'MemberClusters')
      .map((id) => vpcOfCluster.get(id) ?? '')
      .find((id) => id !== '')
    if (vpcId === undefined || !kept(one)) return []
    const name = `elasticache:${text(one, 'ReplicationGroupId')}`
    const tls = one['TransitEncryptionEnabled'] === true
    const configuration = endpointIn(one, 'ConfigurationEndpoint')
    if (configuration) return [{ vpcId, check: redisCheck(name, configuration, tls) }]
    const nodes = records(one, 'NodeGroups')
    return nodes.flatMap((node): Candidate[] => {
      const suffix = nodes.length > 1 ? `.${text(node, 'NodeGroupId')}` : ''
      const primary = endpointIn(node, 'PrimaryEndpoint')
      // With one node the reader's name is the primary's node.
      const reader = records(node, 'NodeGroupMembers').length > 1 ? endpointIn(node, 'ReaderEndpoint') : null
      return [
        ...(primary ? [{ vpcId, check: redisCheck(`${name}${suffix}`, primary, tls) }] : []),
        ...(reader ? [{ vpcId, check: redisCheck(`${name}${suffix}.reader`, reader, tls) }] : []),
      ]
    })
  })

  const alone = clusters.flatMap((one): Candidate[] => {
    const vpcId = vpcOfCluster.get(text(one, 'CacheClusterId')) ?? ''
    if (vpcId === '' || text(one, 'ReplicationGroupId') !== '' || !kept(one)) return []
    const endpoint =
      endpointIn(one, 'ConfigurationEndpoint') ?? endpointIn(records(one, 'CacheNodes')[0], 'Endpoint')
    if (endpoint === null) return []
    const name = `elasticache:${text(one, 'CacheClusterId')}`
    return [
      {
        vpcId,
        check: cacheCheck(name, text(one, 'Engine'), endpoint, one['TransitEncryptionEnabled'] === true),
      },
    ]
  })

  const serverless = all(snapshot, SERVERLESS).flatMap((one): Candidate[] => {
    const vpcId = strings(one, 'SubnetIds')
      .map((id) => model.subnets.get(id)?.vpcId)
      .find((id) => id !== undefined)
    const endpoint = endpointIn(one, 'Endpoint')
    if (vpcId === undefined || endpoint === null || !kept(one)) return []
    const name = `elasticache:${text(one, 'ServerlessCacheName')}`
    // Serverless caches speak TLS only: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
    return [{ vpcId, check: cacheCheck(name, text(one, 'Engine'), endpoint, true) }]
  })
  return { candidates: [...groups, ...alone, ...serverless], passed: [] }
}

interface Place {
  readonly host: string
  readonly port: number
}

function cacheCheck(name: string, engine: string, at: Place, tls: boolean): Check {
  if (engine !== 'memcached') return redisCheck(name, at, tls)
  return tls ? { name, kind: 'tls', ...at } : { name, kind: 'tcp', ...at }
}

function redisCheck(name: string, at: Place, tls: boolean): Check {
  return tls ? { name, kind: 'redis', ...at, tls: 'verify' } : { name, kind: 'redis', ...at }
}
