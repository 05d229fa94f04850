import { josa } from '../korean.js'
import { ENI_ACTIONS } from '../network/eni-actions.js'
import type { SubnetTrace, Text, Trace } from '../network/path.js'
import type { Snapshot } from '../network/snapshot.js'
import { balancerAdvice } from './advice-balancers.js'
import { roleName } from './apply/functions.js'
import { hasGatewayEndpoint } from './derive/endpoints.js'
import { type Situation, situationOf } from './derive/situation.js'
import { endpointsOf, tableOf, workingNats, zoneOf } from './derive/topology.js'
import type { Diagnosis } from './diagnosis.js'
import { plural } from './group.js'
import { hostOf, type Observed } from './observed.js'
import { all, number, PLACES, type Raw, record, records, strings, text } from './raw.js'
import type { Question } from './rehearse.js'

export type Advice = Diagnosis['advice'][number]

/** Warn this long before a certificate's end. */
const CERTIFICATE_DAYS = 30

/** A subnet with fewer free addresses than this is nearly full: Lambda's interfaces and fail-overs need some. */
const FEW_ADDRESSES = 16

const advise = (code: string, component: string | null, text: Text): Advice => ({ code, component, text })

function hopsOf(trace: Trace) {
  const traces: readonly SubnetTrace[] = trace.perSubnet.length > 0 ? trace.perSubnet : [trace]
  return traces.flatMap((one) => one.hops)
}

/** The NAT gateway that the path goes through; null where it doesn't. */
export function natOf(trace: Trace | null): string | null {
  if (trace === null) return null
  return hopsOf(trace).find((hop) => hop.kind === 'nat-gateway')?.component ?? null
}

function bypassed(situation: Situation): readonly Advice[] {
  const { service, trace } = situation
  const nat = natOf(trace)
  if (service === null || nat === null || trace.verdict !== 'reachable' || !hasGatewayEndpoint(service))
    return []
  const vpcId = situation.standpoint.vpcId ?? ''
  const existing = endpointsOf(situation, vpcId, service)[0]
  const table = tableOf(situation, situation.standpoint.subnetIds[0] ?? '')
  const how: Text =
    existing === undefined
      ? { en: `Create a gateway endpoint for it`, ko: '게이트웨이 엔드포인트를 만들어' }
      : {
          en: `Associate gateway endpoint ${text(existing, 'VpcEndpointId')} with ${text(table, 'RouteTableId')}`,
          ko: josa`게이트웨이 엔드포인트 ${text(existing, 'VpcEndpointId')}을(를) ${text(table, 'RouteTableId')}에 연결해`,
        }
  return [
    advise('GATEWAY_ENDPOINT_BYPASSED', nat, {
      en: `${service} is reached through NAT gateway ${nat}, which charges by the gigabyte. ${how.en}: free and private.`,
      ko: josa`${service} 트래픽이 GB당 요금이 드는 NAT 게이트웨이 ${nat}을(를) 거칩니다. ${how.ko} 무료인 프라이빗 경로로 보내세요.`,
    }),
  ]
}

function singleNat(situation: Situation): readonly Advice[] {
  const { vpcId, subnetIds } = situation.standpoint
  const nat = natOf(situation.trace)
  if (vpcId === null || nat === null) return []
  const gateways = workingNats(situation, vpcId)
  const own = gateways.find((one) => text(one, 'NatGatewayId') === nat)
  if (own === undefined || text(own, 'AvailabilityMode') === 'regional') return []
  const used = new Set(
    situation.trace.perSubnet.flatMap((one) =>
      one.hops.filter((hop) => hop.kind === 'nat-gateway').map((hop) => hop.component),
    ),
  )
  const zones = new Set(subnetIds.map((subnet) => zoneOf(situation, subnet)))
  if (used.size > 1 || zones.size < 2) return []
  return [
    advise('SINGLE_ZONE_NAT', nat, {
      en: `Functions in ${zones.size} zones leave by one NAT gateway, ${nat} in ${zoneOf(situation, text(own, 'SubnetId'))}: if that zone fails, all lose the internet, and traffic between zones is charged.`,
      ko: `${zones.size}개 가용 영역의 함수가 ${zoneOf(situation, text(own, 'SubnetId'))}의 NAT 게이트웨이 ${nat} 하나로 나갑니다. 그 영역에 장애가 나면 모두 인터넷이 끊기고, 영역 간 트래픽 요금도 듭니다.`,
    }),
  ]
}

function fullSubnets(situation: Situation): readonly Advice[] {
  return situation.standpoint.subnetIds.flatMap((id) => {
    const subnet = all(situation.snapshot, PLACES.subnet).find((one) => text(one, 'SubnetId') === id)
    const free = number(subnet, 'AvailableIpAddressCount')
    if (free === null || free >= FEW_ADDRESSES) return []
    return [
      advise('SUBNET_NEARLY_FULL', id, {
        en: `Subnet ${id} has ${free} free ${free === 1 ? 'address' : 'addresses'} left.`,
        ko: `서브넷 ${id}에 남은 주소가 ${free}개입니다.`,
      }),
    ]
  })
}

function defaultGroups(situation: Situation): readonly Advice[] {
  return situation.standpoint.groupIds.flatMap((id) => {
    const group = all(situation.snapshot, PLACES.securityGroup).find((one) => text(one, 'GroupId') === id)
    if (text(group, 'GroupName') !== 'default') return []
    return [
      advise('DEFAULT_SECURITY_GROUP', id, {
        en: `The default security group ${id} is in use: everything else in it may talk to the function, and a rule for one holds for all.`,
        ko: josa`기본 보안 그룹 ${id}을(를) 쓰고 있어, 그 그룹의 다른 모든 것과 서로 통신할 수 있고 규칙 하나가 모두에 적용됩니다.`,
      }),
    ]
  })
}

/** Which subnets and groups a function stands in: functions of one posture share their interfaces. */
function postureOf(fn: Raw): string {
  const config = record(fn, 'VpcConfig')
  const sorted = (field: string) => [...strings(config, field)].sort().join('+')
  return `${sorted('SubnetIds')} ${sorted('SecurityGroupIds')}`
}

/** The quota of interfaces is the VPC's: who uses how many, and what could share them. */
function interfaceQuota(situation: Situation, fn: Raw): readonly Advice[] {
  const codes = [text(fn, 'StateReasonCode'), text(fn, 'LastUpdateStatusReasonCode')]
  if (!codes.includes('EniLimitExceeded')) return []
  const vpcId = text(record(fn, 'VpcConfig'), 'VpcId')
  const fellows = all(situation.snapshot, PLACES.lambda).filter(
    (one) => text(record(one, 'VpcConfig'), 'VpcId') === vpcId,
  )
  const postures = new Set(fellows.map(postureOf)).size
  const interfaces = all(situation.snapshot, PLACES.networkInterface).filter((eni) => eni['VpcId'] === vpcId)
  const ofLambda = interfaces.filter((eni) => text(eni, 'InterfaceType') === 'lambda').length
  const count = { functions: fellows.length, postures, interfaces: interfaces.length, ofLambda }
  return [
    advise('ENI_QUOTA', vpcId, {
      en: `${vpcId} holds ${plural(count.interfaces, 'network interface')}, ${count.ofLambda === 0 ? 'none' : count.ofLambda} of them Lambda's. Its ${plural(count.functions, 'function')} ${count.functions === 1 ? 'stands' : 'stand'} in ${plural(count.postures, 'posture')} (a posture is a set of subnets with a set of security groups, and takes one interface a subnet). Let functions with the same needs share subnets and security groups, or raise Lambda's quota of network interfaces in a VPC (L-9FEE3D26 in Service Quotas).`,
      ko: `${vpcId}에는 네트워크 인터페이스가 ${count.interfaces}개 있고, 그중 ${count.ofLambda}개가 Lambda의 것입니다. 함수 ${count.functions}개가 서브넷과 보안 그룹의 조합 ${count.postures}가지를 쓰며, 조합마다 서브넷당 인터페이스가 하나씩 필요합니다. 필요한 접근이 같은 함수끼리 서브넷과 보안 그룹을 함께 쓰게 하거나, VPC당 네트워크 인터페이스에 대한 Lambda 할당량(Service Quotas의 L-9FEE3D26)을 늘리세요.`,
    }),
  ]
}

function functionState(situation: Situation, fn: Raw): readonly Advice[] {
  const name = text(fn, 'FunctionName')
  const inactive =
    text(fn, 'State') === 'Inactive'
      ? [
          advise('FUNCTION_INACTIVE', name, {
            en: `${name} is Inactive: after 14 days without a call Lambda took its network interfaces back. The next call fails once while they are made again; it is not a network fault.`,
            ko: josa`${name}이(가) Inactive 상태입니다. 14일간 호출이 없어 Lambda가 네트워크 인터페이스를 회수했습니다. 다음 호출은 인터페이스를 다시 만드는 동안 한 번 실패하며, 네트워크 문제가 아닙니다.`,
          }),
        ]
      : []
  const role = roleName(text(fn, 'Role'))
  const lacking = situation.snapshot.documents
    .filter((document) => document.call === 'simulate-principal-policy' && roleName(document.key) === role)
    .flatMap((document) => records(isObject(document.body), 'EvaluationResults'))
    .filter((result) => text(result, 'EvalDecision') !== 'allowed')
    .map((result) => text(result, 'EvalActionName'))
    .filter((action) => ENI_ACTIONS.includes(action))
  const attached = strings(record(fn, 'VpcConfig'), 'SubnetIds').length > 0
  const permissions =
    lacking.length > 0 && attached
      ? [
          advise('ROLE_LACKS_ENI_PERMISSIONS', role, {
            en: `Role ${role} lacks ${lacking.join(', ')}: attach AWSLambdaVPCAccessExecutionRole before ${name}'s interfaces have to be made again.`,
            ko: `역할 ${role}에 ${lacking.join(', ')} 권한이 없습니다. ${name}의 인터페이스를 다시 만들게 되기 전에 AWSLambdaVPCAccessExecutionRole을 연결하세요.`,
          }),
        ]
      : []
  return [...inactive, ...permissions, ...interfaceQuota(situation, fn)]
}

function isObject(value: unknown): Raw | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}

/**
 * STS answers under a regional name at its endpoint; the global one is not covered by private DNS
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html).
 */
function globalName(situation: Situation, region: string): readonly Advice[] {
  const { destination } = situation.question
  if (destination.kind !== 'host' || destination.host !== 'sts.amazonaws.com') return []
  const endpoint = endpointsOf(situation, situation.standpoint.vpcId ?? '', `com.amazonaws.${region}.sts`)[0]
  const own = endpoint === undefined ? '' : ` (${text(endpoint, 'VpcEndpointId')})`
  return [
    advise('STS_GLOBAL_NAME', 'sts.amazonaws.com', {
      en: `sts.amazonaws.com is the global name: the private DNS of an STS endpoint${own} covers sts.${region}.amazonaws.com only. Use the regional name (AWS_STS_REGIONAL_ENDPOINTS=regional).`,
      ko: `sts.amazonaws.com은 글로벌 이름이라 STS 엔드포인트${own}의 프라이빗 DNS가 적용되지 않습니다. 리전 이름 sts.${region}.amazonaws.com을 쓰세요 (AWS_STS_REGIONAL_ENDPOINTS=regional).`,
    }),
  ]
}

/** Advice that the configuration gives, whatever the packet saw. */
export function configurationAdvice(snapshot: Snapshot, question: Question, trace: Trace): readonly Advice[] {
  const situation = situationOf(snapshot, question, trace)
  const fn = all(snapshot, PLACES.lambda).find(
    (one) => text(one, 'FunctionName') === situation.standpoint.functionName,
  )
  const zone = text(all(snapshot, PLACES.subnet)[0], 'AvailabilityZone')
  return [
    ...(fn === undefined ? [] : functionState(situation, fn)),
    ...globalName(situation, zone.replace(/[a-z]$/, '')),
    ...bypassed(situation),
    ...singleNat(situation),
    ...fullSubnets(situation),
    ...defaultGroups(situation),
    ...balancerAdvice(trace),
  ]
}

/** Advice that the packet's result gives: certificates near their end, an address family that is a black hole. */
export function resultAdvice(result: Observed): readonly Advice[] {
  const left = result.detail?.certificateDaysLeft
  const until = result.detail?.certificateExpires ?? ''
  const host = result.target === undefined ? null : hostOf(result.target)
  const certificate =
    left !== undefined && left >= 0 && left <= CERTIFICATE_DAYS
      ? [
          advise('CERTIFICATE_EXPIRES', host, {
            en: `The certificate of ${host ?? 'the target'} expires in ${left} days (${until}).`,
            ko: `${host ?? '대상'}의 인증서가 ${left}일 뒤에 만료됩니다 (${until}).`,
          }),
        ]
      : []
  const tried = result.addresses ?? []
  const failed = tried.filter((one) => one.outcome !== 'ok')
  const family = (address: string) => (address.includes(':') ? 'IPv6' : 'IPv4')
  const families = new Set(failed.map((one) => family(one.address)))
  const dark = [...families].filter((name) =>
    tried.every((one) => family(one.address) !== name || one.outcome !== 'ok'),
  )
  const blackHole =
    failed.length < tried.length && dark.length > 0
      ? [
          advise('ADDRESS_FAMILY_BLACK_HOLE', failed[0]?.address ?? null, {
            en: `${dark.join(', ')} does not work (${failed.map((one) => `${one.address}: ${one.outcome}`).join(', ')}) while the other family does. A client that tries it first waits for its per-address timeout (Node: autoSelectFamilyAttemptTimeout, 250 ms by default): give that family a route, or resolve the other one only.`,
            ko: josa`${dark.join(', ')}은(는) 되지 않고(${failed.map((one) => `${one.address}: ${one.outcome}`).join(', ')}) 다른 쪽은 됩니다. 안 되는 쪽을 먼저 시도하는 클라이언트는 주소당 제한 시간(Node: autoSelectFamilyAttemptTimeout, 기본 250 ms)만큼 기다립니다. 그쪽 경로를 만들거나 되는 쪽 주소만 조회하게 하세요.`,
          }),
        ]
      : []
  return [...certificate, ...blackHole]
}
