/** Nothing came back, though no hop is known to be closed. */
import { josa } from '../../korean.js'
import type { Candidate } from '../diagnosis.js'
import { failsLate, sporadicRate } from '../observed.js'
import { sickTargets } from './balancers.js'
import { candidate, type Evidence, type Explain, targetOf } from './evidence.js'

/** A snapshot older than this may well be outdated. */
const STALE_AFTER_SECONDS = 900

function natPorts(nat: string): Candidate {
  return candidate(
    'NAT_PORT_EXHAUSTION',
    {
      en: `The first connections succeed and later ones fail through ${nat}: a NAT gateway has 55,000 ports for one destination and address.`,
      ko: josa`${nat}을(를) 통한 첫 연결은 되고 뒤의 연결이 실패합니다. NAT 게이트웨이는 주소 하나당 목적지 하나에 포트를 55,000개까지 씁니다.`,
    },
    {
      en: `Look at ErrorPortAllocation of ${nat} in CloudWatch; reuse connections, or give it more addresses.`,
      ko: `CloudWatch에서 ${nat}의 ErrorPortAllocation을 보고, 연결을 재사용하거나 주소를 늘리세요.`,
    },
  )
}

/** Without the configuration nothing may be said of its hops. */
function notTraced(evidence: Evidence): Candidate {
  const target = targetOf(evidence)
  return candidate(
    'NOT_TRACED',
    {
      en: `Nothing came back from ${target.en}: a security group, a network ACL or a route drops the packet, or the host does. Without a snapshot of the configuration Sonde can't tell which.`,
      ko: `${target.ko}에서 아무 응답도 없습니다. 보안 그룹, 네트워크 ACL, 경로, 호스트 중 하나가 패킷을 버립니다. 구성 스냅샷이 없어 어느 것인지 알 수 없습니다.`,
    },
    {
      en: 'Give Sonde the configuration: “sonde snapshot”, POST /v1/snapshots, or “inventory” in the configuration file.',
      ko: '구성을 알려 주세요: “sonde snapshot”, POST /v1/snapshots, 또는 설정 파일의 “inventory”.',
    },
  )
}

export const dropped: Explain = (evidence) => {
  const { facts, observed, trace, snapshotAge } = evidence
  const late = failsLate(observed)
  const rate = sporadicRate(observed, evidence.history)
  const ports = facts.nat !== null && (late || rate !== null) ? [natPorts(facts.nat)] : []
  const foreign =
    observed.address &&
    trace !== null &&
    trace.resolved.length > 0 &&
    !trace.resolved.includes(observed.address)
      ? [
          candidate(
            'DNS_ANSWER',
            {
              en: `The name gave ${observed.address}; the configuration expects ${trace.resolved.join(', ')}.`,
              ko: josa`이름이 ${observed.address}(으)로 풀렸는데, 구성상으로는 ${trace.resolved.join(', ')}입니다.`,
            },
            {
              en: 'Which zone or resolver rule answers that name in this VPC?',
              ko: '이 VPC에서 어느 영역이나 리졸버 규칙이 그 이름에 답하는지 확인하세요.',
            },
          ),
        ]
      : []
  const stale =
    snapshotAge !== null && snapshotAge > STALE_AFTER_SECONDS
      ? [
          candidate(
            'STALE_SNAPSHOT',
            {
              en: `The snapshot was taken ${Math.round(snapshotAge / 60)} minutes before the run: the configuration may have changed.`,
              ko: `실행보다 ${Math.round(snapshotAge / 60)}분 먼저 받은 스냅샷이라, 그사이 구성이 바뀌었을 수 있습니다.`,
            },
            { en: 'Take a new snapshot and trace again.', ko: '스냅샷을 새로 받아 다시 추적하세요.' },
          ),
        ]
      : []
  return [
    ...(late ? ports : []),
    ...sickTargets(evidence),
    ...foreign,
    ...stale,
    ...(trace === null ? [notTraced(evidence)] : []),
    candidate(
      'HOST_FIREWALL_DROPS',
      {
        en: "The host's own firewall, or the machine being down, swallows the packet.",
        ko: '호스트 방화벽이나 꺼진 서버가 패킷을 버립니다.',
      },
      {
        en: 'Is the target up? Do its VPC flow logs show the packet accepted, and an answer?',
        ko: '대상이 켜져 있는지, VPC 흐름 로그에 패킷 수락과 응답이 있는지 확인하세요.',
      },
    ),
    ...(late ? [] : ports),
  ]
}
