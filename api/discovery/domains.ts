import { all, record, text } from '../diagnosis/raw.js'
import type { Snapshot } from '../network/snapshot.js'
import type { Candidate, Candidates } from './candidate.js'
import type { SondeTags } from './found.js'

/**
 * OpenSearch domains in a VPC, by the endpoint that they have there; any answer of the server proves the path, a refusal too.
 * https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
 */
export function domainCandidates(snapshot: Snapshot, tagsOf: (arn: string) => SondeTags): Candidates {
  const answers = all(snapshot, { call: 'describe-domain', list: null, id: '' })
  const candidates = answers.flatMap((answer): Candidate[] => {
    const domain = record(answer, 'DomainStatus')
    const vpcId = text(record(domain, 'VPCOptions'), 'VPCId')
    const host = text(record(domain, 'Endpoints'), 'vpc')
    if (vpcId === '' || host === '' || domain?.['Deleted'] === true || tagsOf(text(domain, 'ARN')).ignored)
      return []
    return [
      {
        vpcId,
        check: { name: `opensearch:${text(domain, 'DomainName')}`, kind: 'http', url: `https://${host}/` },
      },
    ]
  })
  return { candidates, passed: [] }
}
