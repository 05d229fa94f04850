import { josa } from './korean.js'
import type { Text } from './network/path.js'

/**
 * What a server tells in English alone: why it refused a question, a change, a line or a file. Such sentences also come from a
 * store, a log or another version, so they are known by how they read; one that isn't known is shown as the server's own words.
 */
type Speak = (...parts: readonly string[]) => string

const SOURCES = '함수 이름이나 ARN, eni-…, i-…, subnet-…+sg-…[+sg-…](각각 뒤에 @주소를 붙일 수 있음)'
const DESTINATIONS = 'internet, service:이름, rds:ID, eni-…, i-…, 호스트:포트, 주소:포트([v6]:포트)'

const SIDES: Readonly<Record<string, string>> = {
  ingress: '인바운드',
  egress: '아웃바운드',
  inbound: '인바운드',
  outbound: '아웃바운드',
}
const side = (name: string) => SIDES[name] ?? name

const QUESTIONS: readonly (readonly [RegExp, Speak])[] = [
  [
    /^'(.*)' in '(.*)' is not an IPv4( or IPv6)? address$/s,
    (it, all) => josa`'${all}'의 '${it}'은(는) IP 주소가 아닙니다`,
  ],
  [
    /^'(.*)' in '(.*)' is not an IPv6 address$/s,
    (it, all) => josa`'${all}'의 '${it}'은(는) IPv6 주소가 아닙니다`,
  ],
  [/^'(.*)' is not an IPv4 or IPv6 address$/s, (it) => josa`'${it}'은(는) IP 주소가 아닙니다`],
  [/^the source is empty: expected /, () => `출발지가 비어 있습니다. 쓸 수 있는 형식: ${SOURCES}`],
  [
    /^'(.*)' can't send packets: expected /s,
    (it) => josa`'${it}'은(는) 패킷을 보낼 수 없습니다. 쓸 수 있는 형식: ${SOURCES}`,
  ],
  [
    /^'(.*)' is not a source: expected /s,
    (it) => josa`'${it}'은(는) 출발지가 아닙니다. 쓸 수 있는 형식: ${SOURCES}`,
  ],
  [
    /^'(.*)' in '(.*)' is not a security group id/s,
    (it, all) => josa`'${all}'의 '${it}'은(는) 보안 그룹 ID(sg-…)가 아닙니다`,
  ],
  [
    /^'(.*)' names no security group: /s,
    (it) => `'${it}'에 보안 그룹이 없습니다. subnet-…+sg-…[+sg-…]처럼 쓰세요`,
  ],
  [
    /^'(.*)' in '(.*)' is not a port \(0-65535\)$/s,
    (it, all) => josa`'${all}'의 '${it}'은(는) 포트(0-65535)가 아닙니다`,
  ],
  [/^(\S+) is not a port \(0-65535\)$/, (it) => josa`${it}은(는) 포트(0-65535)가 아닙니다`],
  [/^the destination is empty: expected /, () => `목적지가 비어 있습니다. 쓸 수 있는 형식: ${DESTINATIONS}`],
  [
    /^'(.*)' names port (\S+), but the port given beside it is (\S+)$/s,
    (it, own, given) => josa`'${it}'에 포트 ${own}이(가) 있는데, 따로 지정한 포트는 ${given}입니다`,
  ],
  [
    /^'(.*)' names no AWS service: /s,
    (it) => `'${it}'에 AWS 서비스 이름이 없습니다. service:dynamodb처럼 쓰세요`,
  ],
  [/^'(.*)' names no database: /s, (it) => `'${it}'에 데이터베이스 ID가 없습니다. rds:ID처럼 쓰세요`],
  [/^'(.*)' is a range: /s, (it) => josa`'${it}'은(는) 주소 범위입니다. 목적지는 주소 하나여야 합니다`],
  [
    /^'(.*)' is not a destination: expected /s,
    (it) => josa`'${it}'은(는) 목적지가 아닙니다. 쓸 수 있는 형식: ${DESTINATIONS}`,
  ],
  [
    /^the snapshot has no function (\S+) \((\S+)\)$/,
    (it, call) => `스냅샷에 함수 ${it}의 정보가 없습니다(${call})`,
  ],
  [
    /^the snapshot has several functions (\S+): give the ARN of one: (.*)$/s,
    (it, arns) => `스냅샷에 이름이 ${it}인 함수가 여럿입니다. 그중 하나의 ARN을 쓰세요: ${arns}`,
  ],
  [
    /^the snapshot has no (?:\w[\w ]* )?(\S+) \(([^)]+)\)$/,
    (it, call) => josa`스냅샷에 ${it}이(가) 없습니다(${call})`,
  ],
  [
    /^(\S+) is in none of the subnets of function (\S+)$/,
    (it, name) => josa`${it}은(는) 함수 ${name}의 어느 서브넷에도 속하지 않습니다`,
  ],
  [/^no snapshot is kept yet$/, () => '아직 보관된 스냅샷이 없습니다'],
  [/^a check of names has no path$/, () => '이름만 확인하는 검사에는 경로가 없습니다'],
  [
    /^the snapshot has several databases (\S+): /,
    (it) => josa`스냅샷에 데이터베이스 ${it}이(가) 여럿입니다. 호스트 이름을 쓰세요`,
  ],
  [
    /^the snapshot has several load balancers (\S+): /,
    (it) => josa`스냅샷에 로드 밸런서 ${it}이(가) 여럿입니다. 그중 하나의 ARN을 쓰세요`,
  ],
  [
    /^'(.*)' names no load balancer: /s,
    (it) => `'${it}'에 로드 밸런서가 없습니다. lb:이름이나 lb:ARN처럼 쓰세요`,
  ],
  [
    /^'(.*)' is not a protocol: /s,
    (it) => josa`'${it}'은(는) 프로토콜이 아닙니다. tcp, udp, icmp, all이나 0-255의 번호를 쓰세요`,
  ],
  [
    /^probe (\S+) tells no subnet and security groups \((.*)\), and the snapshot has no function of that name$/,
    (name, variables) =>
      josa`프로브 ${name}이(가) 서브넷과 보안 그룹(${variables})을 알리지 않았고, 스냅샷에 그 이름의 함수도 없습니다`,
  ],
  [/^there is no snapshot "(.*)"$/s, (it) => josa`스냅샷 "${it}"은(는) 없습니다`],
  [
    /^no snapshot is kept yet: /,
    () => '보관된 스냅샷이 아직 없습니다. /v1/snapshots로 보내거나 설정에 폴더를 지정하세요',
  ],
  [/^there is no function "?(.*?)"?$/s, (it) => josa`함수 ${it}은(는) 없습니다`],
  [
    /^check "(.*)" has no path from (\S+|this standpoint) to rehearse$/s,
    (it) => `검사 "${it}"에는 예행해 볼 경로가 없습니다`,
  ],
]

const CHANGES: readonly (readonly [RegExp, Speak])[] = [
  [/^change (\d+) \([\w-]+\): (.*)$/s, (n, rest) => `${n}번째 변경: ${koreanOf(rest) ?? rest}`],
  [
    /^(\S+) has that (\w+) rule for (.+) already$/s,
    (id, way, peer) => `${id}에는 ${peer}의 그 ${side(way)} 규칙이 이미 있습니다`,
  ],
  [
    /^(\S+) has no such (\w+) rule for (.+)$/s,
    (id, way, peer) => `${id}에는 ${peer}의 그런 ${side(way)} 규칙이 없습니다`,
  ],
  [
    /^rule number (\S+) is not within (\d+) and (\d+)$/,
    (it, from, to) => josa`규칙 번호 ${it}은(는) ${from}과(와) ${to} 사이가 아닙니다`,
  ],
  [
    /^(\S+) has an (\w+) rule (\S+) already$/,
    (id, way, number) => josa`${id}에는 ${side(way)} 규칙 ${number}이(가) 이미 있습니다`,
  ],
  [
    /^(\S+) has no (\w+) rule (\S+)$/,
    (id, way, number) => josa`${id}에는 ${side(way)} 규칙 ${number}이(가) 없습니다`,
  ],
  [/^the last rule of (\S+) can't be deleted$/, (id) => `${id}의 마지막 규칙은 삭제할 수 없습니다`],
  [
    /^a route's target can't be a (\S+); it can be: (.*)$/s,
    (kind, known) => `경로의 대상으로 ${kind} 유형은 쓸 수 없습니다. 쓸 수 있는 유형: ${known}`,
  ],
  [
    /^(\S+) has a route to (\S+) already; set replace$/,
    (id, to) => josa`${id}에는 ${to}(으)로 가는 경로가 이미 있습니다. 바꾸려면 replace를 쓰세요`,
  ],
  [
    /^(\S+) has no route to (\S+)( to replace)?$/,
    (id, to) => josa`${id}에는 ${to}(으)로 가는 경로가 없습니다`,
  ],
  [
    /^the route to (\S+) of (\S+) can't be deleted: /,
    (to, id) => josa`${id}에서 ${to}(으)로 가는 경로는 삭제할 수 없습니다`,
  ],
  [/^the snapshot has (\S+) already$/, (id) => josa`스냅샷에 ${id}이(가) 이미 있습니다`],
  [/^(\S+) is not a CIDR(?: range)?.*$/s, (it) => josa`${it}은(는) CIDR 범위가 아닙니다`],
]

const LINES: readonly (readonly [RegExp, Speak])[] = [
  [/^the beginning of the report is missing$/, () => '보고의 앞부분이 없습니다'],
  [/^not whole JSON: /, () => 'JSON이 온전하지 않습니다'],
  [/^wrapped more than (\d+) times$/, (n) => `${n}겹보다 많이 감싸여 있습니다`],
  [/^startedAt is not a time$/, () => 'startedAt이 시각이 아닙니다'],
  [
    /^the probe (\S+) did not run, (\S+?)(?:: (.*))?$/s,
    (probe, code) => josa`프로브 ${probe}이(가) 실행되지 않았습니다(${code})`,
  ],
  [
    /^version (\S+), newer than (\S+), and (.*)$/s,
    (found, known, rest) =>
      `버전 ${found}의 보고이며(여기서 아는 버전은 ${known}), ${koreanOf(rest) ?? '보고의 형식과 다릅니다'}`,
  ],
  [/^not a report$/, () => '보고가 아닙니다'],
  [/^longer than (\d+) bytes$/, (n) => `${n}바이트보다 깁니다`],
  [/^(\/\S+ )?must have required propert(?:y|ies) (.*)$/s, (_at, names) => `필수 필드가 없습니다: ${names}`],
  [/^(\/\S+ )?must (?:be|match|not|NOT) .*$/s, () => '값이 보고의 형식과 다릅니다'],
]

const FILES: readonly (readonly [RegExp, Speak])[] = [
  [
    /^not JSON at line (\d+), column (\d+): expected .*, found (the end of the file|an empty file|.*)$/s,
    (line, column, found) =>
      `${line}행 ${column}열부터 JSON이 아닙니다${found === 'the end of the file' ? '(파일이 도중에 끝남)' : found === 'an empty file' ? '(빈 파일)' : ''}`,
  ],
  [/^not JSON: /, () => 'JSON이 아닙니다'],
  [
    /^no AWS CLI command that Sonde reads is called (\S+): did you mean (\S+)\?/,
    (it, meant) =>
      josa`Sonde가 읽는 AWS CLI 명령 가운데 ${it}은(는) 없습니다. ${meant}이(가) 아닌가요? 이 파일은 빼고 읽었습니다`,
  ],
  [
    /^answers the same call as (.*), which is the one that counts$/s,
    (twin) => josa`${twin}과(와) 같은 호출의 응답이라 그쪽만 읽었습니다`,
  ],
  [
    /^expected an object, as the AWS CLI prints without --query, found /,
    () => 'AWS CLI가 --query 없이 출력하는 객체가 아닙니다',
  ],
  [
    /^expected the name of an AWS CLI command with \.json/,
    () => 'describe-vpcs.json처럼 AWS CLI 명령 이름에 .json을 붙인 파일 이름이어야 합니다',
  ],
  [/^expected .*, found .*$/s, () => '값이 예상한 형식과 다릅니다'],
  [
    /^written by a newer Sonde \(version (\S+), this one reads (\S+)\)/,
    (found, known) =>
      `더 새로운 Sonde가 만든 파일이라(버전 ${found}, 여기서 아는 버전은 ${known}) 일부를 놓칠 수 있습니다`,
  ],
  [/^left out: larger than (\d+) bytes$/, (n) => `${n}바이트보다 커서 뺐습니다`],
  [
    /^the snapshot is not as AWS prints it: (\S+?): (.*)$/s,
    (file, rest) => `스냅샷이 AWS가 출력한 형식이 아닙니다. ${file}: ${koreanOf(rest) ?? rest}`,
  ],
]

const MACHINE: readonly (readonly [RegExp, Speak])[] = [
  [
    /^the lab is made of Linux namespaces, and this is (\S+)$/,
    (platform) => `실험실은 Linux 네임스페이스로 만드는데, 이 컴퓨터는 ${platform}입니다`,
  ],
  [
    /^the lab needs (.*): install (.*) \(Debian: (.*)\)$/s,
    (_tools, packages, command) => `실험실에 필요한 ${packages} 패키지가 없습니다(Debian: ${command})`,
  ],
  [
    /^the lab needs network namespaces, and this kernel or container refuses them/,
    () =>
      '실험실에는 네트워크 네임스페이스가 필요한데 이 커널이나 컨테이너가 허용하지 않습니다. root로 실행하거나, 사용자 네임스페이스를 허용하거나(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), 컨테이너를 --privileged로 시작하세요',
  ],
  [
    /^(\S+) is not built: run npm run build$/,
    (program) => josa`${program}이(가) 빌드되어 있지 않습니다. npm run build를 실행하세요`,
  ],
  [/^the lab's network can not be raised here: /, () => '실험실의 네트워크를 여기서는 띄울 수 없습니다'],
  [/^the lab ended: /, () => '실험실이 도중에 끝났습니다'],
  [/^the sample has ended$/, () => '예제가 끝났습니다'],
  [/^the sample has no fault "(.*)"$/s, (id) => josa`예제에 "${id}"(이)라는 고장은 없습니다`],
  [
    /^(\S+) can not be put in now: another fault or fix has changed what it needs/,
    () =>
      '지금은 넣을 수 없습니다. 다른 고장이나 조치가 필요한 것을 바꾸었습니다. 먼저 실험실을 초기화하세요',
  ],
  [/^the sample is a recording, which can not be changed/, () => '녹화본이라 바꿀 수 없습니다'],
  [
    /^(?:"(.*)"|all functions together) may be run (\d+) times a minute$/s,
    (_name, n) => `1분에 ${n}번까지만 실행할 수 있습니다`,
  ],
  [
    /^token (\S*) may make (\d+) requests a minute$/,
    (_name, n) => `이 토큰은 1분에 ${n}번까지 요청할 수 있습니다`,
  ],
  [/^token (\S+) lacks the scope (\S+)$/, (name, scope) => `토큰 ${name}에 ${scope} 권한이 없습니다`],
  [/^too many .* are in progress$/, () => '처리 중인 요청이 너무 많습니다'],
  [
    /^as many clients follow the events as are allowed$/,
    () => '이벤트를 따라가는 클라이언트가 허용된 수만큼 있습니다',
  ],
  [/^the server is shutting down$/, () => '서버가 종료되는 중입니다'],
  [
    /^this server has no account in which it could invoke probes/,
    () => '프로브를 호출할 계정이 없습니다. 설정의 runs에 계정을 적으세요',
  ],
  [/^this server was not started from a configuration$/, () => '설정으로 시작한 서버가 아닙니다'],
]

const MESSAGES = [...QUESTIONS, ...CHANGES, ...LINES, ...FILES, ...MACHINE]

/** A sentence that is known in English, in both languages: where its Korean isn't known, in English twice. */
export function textOf(message: string): Text {
  return { en: message, ko: koreanOf(message) ?? message }
}

/** A server's sentence in Korean; null where it is none of those known here. */
export function koreanOf(message: string): string | null {
  for (const [form, speak] of MESSAGES) {
    const found = form.exec(message)
    if (found !== null) return speak(...found.slice(1).map((part) => part ?? ''))
  }
  return null
}
