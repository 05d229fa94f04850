import { josa } from '../korean.js'
import type { SubnetTrace, Text, Trace } from '../network/path.js'
import { placeKo } from '../network/text/places.js'
import type { Candidate } from './diagnosis.js'
import { failedAddresses, type History, hostOf, type Observed } from './observed.js'

/** Subnets of the source from which the path is blocked, where others are open. */
export function partOf(
  trace: Trace,
): { readonly blocked: readonly SubnetTrace[]; readonly of: number } | null {
  const blocked = trace.perSubnet.filter((one) => one.verdict === 'unreachable')
  const of = trace.perSubnet.length
  return blocked.length > 0 && blocked.length < of ? { blocked, of } : null
}

const SHARES: Readonly<Record<string, Text>> = {
  '1/2': { en: 'about half of the calls fail', ko: '호출의 약 절반이 실패합니다' },
  '1/3': { en: 'about a third of the calls fail', ko: '호출의 약 3분의 1이 실패합니다' },
  '2/3': { en: 'about two thirds of the calls fail', ko: '호출의 약 3분의 2가 실패합니다' },
  '1/4': { en: 'about a quarter of the calls fail', ko: '호출의 약 4분의 1이 실패합니다' },
}

function share(count: number, of: number): Text {
  const percent = Math.round((count / of) * 100)
  return (
    SHARES[`${count}/${of}`] ?? {
      en: `about ${percent} % of the calls fail`,
      ko: `호출의 약 ${percent} %가 실패합니다`,
    }
  )
}

/** What blocks, how many more blockers there are, and from which of several subnets. */
export function blocked(trace: Trace): Text {
  const [first] = trace.blockers
  if (first === undefined) return { en: 'The path is blocked.', ko: '경로가 막혀 있습니다.' }
  const perSubnet = (trace.perSubnet.length > 0 ? trace.perSubnet : [trace]).map((one) => one.blockers.length)
  const more = Math.max(0, ...perSubnet.map((count) => count - 1))
  const part = partOf(trace)
  const where =
    part === null
      ? { en: '', ko: '' }
      : {
          en: ` Only from ${names(part.blocked)}, ${part.blocked.length} of ${part.of} subnets: ${share(part.blocked.length, part.of).en}.`,
          ko: ` 서브넷 ${part.of}개 중 ${names(part.blocked)} ${part.blocked.length}개에서만 막혀, ${share(part.blocked.length, part.of).ko}.`,
        }
  const others =
    more === 0
      ? { en: '', ko: '' }
      : {
          en: ` ${more} more ${more === 1 ? 'fault stands' : 'faults stand'} on the same path.`,
          ko: ` 같은 경로에 문제가 ${more}개 더 있습니다.`,
        }
  const some = shareOf(trace)
  const only =
    some === null
      ? { en: '', ko: '' }
      : {
          en: ` Only some calls fail, ${some < 0.01 ? 'less than 1' : `about ${Math.round(some * 100)}`} %: those whose replies come to these ports.`,
          ko: ` 응답이 이 포트로 오는 호출만, ${some < 0.01 ? '1 % 미만이' : `약 ${Math.round(some * 100)} %가`} 실패합니다.`,
        }
  return {
    en: `${first.text.en}${only.en}${where.en}${others.en}`,
    ko: `${first.text.ko}${only.ko}${where.ko}${others.ko}`,
  }
}

/** The share of calls that fail, where all that is closed turns away only some of the ports of replies; else null. */
export function shareOf(trace: Trace): number | null {
  const shares = trace.blockers.map(({ share }) => share ?? 1)
  const largest = Math.max(0, ...shares)
  return largest > 0 && largest < 1 ? largest : null
}

/** The same, where the check passes by another address of the name. */
export function blockedInPart(trace: Trace, result: Observed): Text {
  const failed = failedAddresses(result)
  const tried = result.addresses?.length ?? failed.length
  const why = blocked(trace)
  const list = failed.join(', ')
  return {
    en: `${hostOf(result.target ?? trace.destination)} is reached, but not at ${list} (${failed.length} of ${tried} addresses): a client that is given one of these waits in vain. ${why.en}`,
    ko: josa`${hostOf(result.target ?? trace.destination)}에 도달하지만 주소 ${tried}개 중 ${failed.length}개(${list})에서는 실패합니다. 그 주소를 받은 클라이언트는 연결하지 못합니다. ${why.ko}`,
  }
}

function names(subnets: readonly SubnetTrace[]): string {
  return subnets
    .map((one) =>
      one.availabilityZone === null ? (one.subnet ?? '?') : `${one.subnet ?? '?'} (${one.availabilityZone})`,
    )
    .join(', ')
}

export function healthy(result: Observed, trace: Trace | null): Text {
  const to = result.target ?? trace?.destination ?? result.address ?? ''
  const seen = trace?.seenAs
    ? { en: `, seen as ${trace.seenAs}`, ko: josa` (외부에는 ${trace.seenAs}(으)로 보임)` }
    : { en: '', ko: '' }
  const denied =
    result.outcome === 'aws_access_denied'
      ? {
          en: " The service answered that access is denied: that is the role's policy, not the network.",
          ko: ' 서비스가 액세스 거부로 답했습니다. 네트워크가 아니라 역할 정책의 문제입니다.',
        }
      : { en: '', ko: '' }
  const part = trace === null ? null : partOf(trace)
  const unequal =
    part === null
      ? { en: '', ko: '' }
      : {
          en: ` From ${names(part.blocked)} the configuration is closed.`,
          ko: ` 다만 ${names(part.blocked)}에서는 구성상 막혀 있습니다.`,
        }
  return {
    en: `${to} is reached${seen.en}.${denied.en}${unequal.en}`,
    ko: `${placeKo(to)}에 도달합니다${seen.ko}.${denied.ko}${unequal.ko}`,
  }
}

export function openNotTried(trace: Trace): Text {
  return {
    en: `The configuration lets ${trace.source} reach ${trace.destination}; no probe has tried it yet.`,
    ko: `구성상 ${trace.source}에서 ${placeKo(trace.destination)}에 도달할 수 있으며, 아직 프로브가 시험하지 않았습니다.`,
  }
}

export function nothingKnown(): Text {
  return {
    en: 'No probe has run and there is no snapshot: nothing is known yet.',
    ko: '프로브도 실행되지 않았고 스냅샷도 없어 아직 아는 것이 없습니다.',
  }
}

export function dataMissing(trace: Trace): Text {
  const [first] = trace.missing
  return {
    en: `The configuration can't tell${first === undefined ? '' : `: ${first.text.en}`}`,
    ko: `구성만으로는 알 수 없습니다${first === undefined ? '' : `: ${first.text.ko}`}`,
  }
}

export function probeCouldNotTell(result: Observed): Text {
  return {
    en: `The probe could not tell (${result.outcome}).`,
    ko: `프로브가 판단하지 못했습니다 (${result.outcome}).`,
  }
}

export function contradicted(trace: Trace, result: Observed): Text {
  const [first] = trace.blockers
  return {
    en: `The packet got through (${result.outcome}) where the snapshot says that it can't${first === undefined ? '' : ` (${first.code} at ${first.component})`}: the snapshot is older than a change, or Sonde judges that rule wrongly. Take a new snapshot.`,
    ko: `스냅샷상으로는 막혀 있는데${first === undefined ? '' : ` (${first.component}의 ${first.code})`} 패킷이 도달했습니다 (${result.outcome}). 스냅샷 이후 구성이 바뀌었거나 Sonde가 그 규칙을 잘못 판단한 것입니다. 스냅샷을 새로 받으세요.`,
  }
}

/** A rate, and no cause: what to measure next, since every hop is open. */
export function sporadic(result: Observed, rate: number, history: History | undefined): Text {
  const percent = rate < 0.1 ? Math.round(rate * 1000) / 10 : Math.round(rate * 100)
  const counted = history === undefined ? '' : `${history.failed} of ${history.total} calls `
  const countedKo = history === undefined ? '' : `${history.total}번 중 ${history.failed}번 `
  return {
    en: `${counted}(${percent} %) ended in ${result.outcome} while every hop is open: no cause is proven. Next, measure whether the failures share a time, a subnet or a cold start; turn on VPC flow logs for the target's interface; and compare with the target's own connection limit and failovers.`,
    ko: josa`${countedKo}(${percent} %) ${result.outcome}(으)로 끝났고 모든 구간은 열려 있어 원인이 증명되지 않았습니다. 실패가 시각, 서브넷, 콜드 스타트에 몰리는지 재고, 대상 인터페이스의 VPC 흐름 로그를 켜고, 대상의 연결 한도와 장애 조치를 비교하세요.`,
  }
}

export function outside(candidate: Candidate, trace: Trace | null): Text {
  const open = trace?.verdict === 'reachable'
  return {
    en: `${candidate.text.en}${open && !/path works|network works/.test(candidate.text.en) ? ' Every hop of the configuration is open.' : ''}`,
    ko: candidate.text.ko,
  }
}

export function unexplained(result: Observed, trace: Trace | null): Text {
  return {
    en: `The check ended in ${result.outcome}${trace?.verdict === 'reachable' ? ' while the configuration is open' : ''}: nothing that Sonde knows explains it.`,
    ko: josa`${result.outcome}(으)로 끝났습니다${trace?.verdict === 'reachable' ? ' (구성은 열려 있음)' : ''}. Sonde가 아는 원인 중 맞는 것이 없습니다.`,
  }
}

export function privateDnsOff(endpoint: string, nat: string | null): Text {
  return {
    en: `The service answered at a public address${nat === null ? '' : ` through ${nat}`}: endpoint ${endpoint} has private DNS off, so the service's name does not lead to it.`,
    ko: `서비스가 퍼블릭 주소에서 답했습니다${nat === null ? '' : ` (${nat} 경유)`}. 엔드포인트 ${endpoint}의 프라이빗 DNS가 꺼져 있어 서비스 이름이 엔드포인트로 풀리지 않습니다.`,
  }
}

export function noEndpoint(target: string, nat: string | null): Text {
  return {
    en: `${hostOf(target)} answered at a public address${nat === null ? '' : ` through ${nat}`}: the VPC has no endpoint for this service.`,
    ko: josa`${hostOf(target)}이(가) 퍼블릭 주소에서 답했습니다${nat === null ? '' : ` (${nat} 경유)`}. VPC에 이 서비스의 엔드포인트가 없습니다.`,
  }
}

export function endpointNotUsed(endpoint: string): Text {
  return {
    en: `Endpoint ${endpoint} has private DNS, and yet the service's name led to a public address: the name asked for is not the endpoint's, or another resolver answered.`,
    ko: `엔드포인트 ${endpoint}의 프라이빗 DNS가 켜져 있는데도 퍼블릭 주소로 풀렸습니다. 요청한 이름이 다르거나 다른 리졸버가 답했습니다.`,
  }
}

export function openButNoSnapshot(): Text {
  return {
    en: 'The target is reached and must not be; without a snapshot, what opens the path is not known.',
    ko: '도달하면 안 되는 대상에 도달했습니다. 스냅샷이 없어 무엇이 여는지 알 수 없습니다.',
  }
}

export function openUnwanted(trace: Trace, rule: Text | null): Text {
  return {
    en: `${trace.destination} must not be reached from ${trace.source}, and the path is open${rule === null ? '' : `. To close it: ${rule.en}`}.`,
    ko: `${trace.source}에서 ${placeKo(trace.destination)}에 도달하면 안 되는데 경로가 열려 있습니다${rule === null ? '' : `. 닫으려면: ${rule.ko}`}.`,
  }
}

export function closedAsWanted(trace: Trace | null): Text {
  if (trace?.verdict === 'reachable') {
    return {
      en: `${trace.destination} was not reached, as it should be; but the configuration is open, so something else keeps it closed.`,
      ko: `${placeKo(trace.destination)}에 예상대로 도달하지 않았으나, 구성은 열려 있어 다른 것이 막고 있습니다.`,
    }
  }
  return { en: 'Not reached, as it should be.', ko: '예상대로 도달하지 않습니다.' }
}
