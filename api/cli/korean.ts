import { josa, particle } from '../korean.js'
import { koreanOf } from '../korean-messages.js'
import type { Text } from '../network/path.js'

/**
 * What the parts behind the commands tell in English alone: files, plans, configurations, stores, labs. Most of it is also kept
 * in logs and reports, so it is known by how it reads. What the page's viewers see is in `korean-messages`, and looked up there.
 */
type Speak = (...parts: readonly string[]) => string

const THINGS: Readonly<Record<string, string>> = {
  'an object': '객체',
  'a mapping': '매핑',
  'an array': '목록',
  'a list': '목록',
  'a text': '문자열',
  'a string': '문자열',
  'an integer': '정수',
  'a number': '숫자',
  'a boolean': 'true나 false',
  'true or false': 'true나 false',
  nothing: '빈 값',
  'something else': '다른 것',
}

/** A kind of value: `a whole number from 1 to 5`, `a text of 1 to 64 characters`. */
function thing(words: string): string {
  const range = /^a whole number(?: from (\S+) to (\S+))?$/.exec(words)
  if (range) return range[1] === undefined ? '정수' : `${range[1]}에서 ${range[2]} 사이의 정수`
  const text = /^a text(?: of (\d+) to (\d+) characters)?(?: that matches (.*))?$/s.exec(words)
  if (text)
    return `${text[3] === undefined ? '' : `${text[3]}에 맞는 `}${text[1] === undefined ? '' : `${text[1]}-${text[2]}자의 `}문자열`
  const list = /^a list of (\d+) to (\d+) entries$/.exec(words)
  if (list) return `항목이 ${list[1]}-${list[2]}개인 목록`
  return THINGS[words] ?? words
}

const things = (words: string) => words.split(' or ').map(thing).join('이나 ')

const FILES: readonly (readonly [RegExp, Speak])[] = [
  [/^expected a file, found a folder$/, () => '파일이어야 하는데 폴더입니다'],
  [/^no permission$/, () => '권한이 없습니다'],
  [/^a part of the path is no folder$/, () => '경로 중간에 폴더가 아닌 것이 있습니다'],
  [/^(?:there is )?no such file(?: or folder)?$/, () => '그런 파일이나 폴더가 없습니다'],
  [/^not readable: permission denied$/, () => '읽을 권한이 없습니다'],
  [/^a link that leads to itself$/, () => '자기 자신을 가리키는 링크입니다'],
  [/^not a whole gzip file$/, () => '온전한 gzip 파일이 아닙니다'],
  [/^(?:can't be read|not readable)(?:: | \()(.*?)\)?$/s, (why) => `읽을 수 없습니다 (${why})`],
  [/^can't read (\S+): (.*)$/s, (what, why) => `${what}: 읽을 수 없습니다 (${troubleIn(why)})`],
  [
    /^no snapshot in it: /,
    () => '스냅샷이 없습니다. describe-vpcs.json처럼 AWS CLI 명령의 이름을 딴 파일이 있어야 합니다',
  ],
  [
    /^expected a folder with one file per AWS call, found a file$/,
    () => 'AWS 호출마다 파일이 하나씩 든 폴더여야 하는데 파일입니다',
  ],
  [/^expected a folder, found a file$/, () => '폴더여야 하는데 파일입니다'],
  [/^more than (\d+) JSON files: /, (n) => `JSON 파일이 ${n}개를 넘습니다. 스냅샷이 맞습니까?`],
  [
    /^holds files but no (\S+), so it is no snapshot/,
    (name) => josa`파일이 있지만 ${name}이(가) 없어 Sonde가 쓴 스냅샷이 아닙니다. 덮어쓰지 않습니다`,
  ],
  [/^folder left out: more than (\d+) levels deep$/, (n) => `${n}단계보다 깊은 폴더라 뺐습니다`],
  [/^folder left out: (.*)$/s, (why) => `폴더를 뺐습니다: ${spoken(why)}`],
  [/^left out: a link that leads out of the snapshot$/, () => '스냅샷 밖을 가리키는 링크라 뺐습니다'],
  [/^left out: not a regular file$/, () => '일반 파일이 아니라서 뺐습니다'],
  [/^left out: the snapshot is larger than (\d+) bytes$/, (n) => `스냅샷이 ${n}바이트보다 커서 뺐습니다`],
  [/^nested deeper than (\d+) levels.*$/, (n) => `${n}단계보다 깊이 중첩되어 있습니다`],
  [/^only gzip is unpacked here; unpack it first$/, () => 'gzip만 풀 수 있습니다. 먼저 압축을 푸세요'],
]

const VALUES: readonly (readonly [RegExp, Speak])[] = [
  [/^line (\d+), column (\d+)$/, (line, column) => `${line}행 ${column}열`],
  [/^(\S+) is missing$/, (name) => josa`${name}이(가) 없습니다`],
  [
    /^([^\s:]+|the configuration|the plan file) needs "(.*)"$/s,
    (name, key) => josa`${whole(name)}에 ${key}이(가) 필요합니다`,
  ],
  [
    /^(?:([^\s:]+|the configuration|the plan file) )?must be one of (.*?)(?:; did you mean (.*)\?)?$/s,
    (name, known, near) =>
      `${about(name)}다음 가운데 하나여야 합니다: ${known.replace(/, not ("[^"]*")$/, ' (지금은 $1)')}${near === '' ? '' : josa`. 혹시 ${near}인가요?`}`,
  ],
  [
    /^must be a port number from 0 to 65535, not (.*)$/s,
    (found) => josa`0에서 65535 사이의 포트 번호여야 하는데 ${found}입니다`,
  ],
  [
    /^([^\s:]+|the configuration|the plan file) must be (an? \w+), not (.*)$/s,
    (name, wanted, found) => josa`${whole(name)}은(는) ${must(thing(wanted))} 하는데 ${thing(found)}입니다`,
  ],
  [
    /^(?:([^\s:]+|the configuration|the plan file) )?must be ([<>]=) (\S+)$/,
    (name, sign, n) => `${about(name)}${n} ${sign === '>=' ? '이상' : '이하'}이어야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must not have (fewer|more) than (\d+) (characters|items|properties)$/,
    (name, way, n, unit) =>
      `${about(name)}${unit === 'characters' ? `${n}자` : `${n}개`} ${way === 'fewer' ? '이상' : '이하'}이어야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be twelve digits in quotes, like (.*)$/,
    (name, like) => `${about(name)}${like}처럼 따옴표로 묶은 숫자 12자리여야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be the ARN of a role, like (.*)$/,
    (name, like) => `${about(name)}${like}처럼 역할의 ARN이어야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be (\d+) to (\d+) letters, digits or any of (.*)$/,
    (name, from, to, signs) => `${about(name)}영문자, 숫자, ${signs}만 써서 ${from}-${to}자여야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be letters, digits and hyphens, at most (\d+)$/,
    (name, n) => `${about(name)}영문자, 숫자, 하이픈으로 ${n}자 이내여야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be the URL of an endpoint, like (.*)$/,
    (name, like) => `${about(name)}${like}처럼 엔드포인트의 URL이어야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be the name of a function, with \* for any characters$/,
    (name) => `${about(name)}함수 이름이어야 합니다. *는 임의의 문자열입니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be sha256: and 64 hexadecimal digits.*$/,
    (name) => `${about(name)}sonde token new가 출력하는 sha256:와 16진수 64자리여야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be a region, like (.*)$/,
    (name, like) => `${about(name)}${like} 같은 리전이어야 합니다`,
  ],
  [
    /^(?:([^\s:]+) )?must be the id of an? (VPC|subnet|security group), like (.*)$/,
    (name, kind, like) => `${about(name)}${like} 같은 ${KINDS[kind] ?? kind} ID여야 합니다`,
  ],
  [/^(?:([^\s:]+) )?is not written as it must be$/, (name) => `${about(name)}형식에 맞지 않습니다`],
  [/^must be (".*"|\d+)$/s, (value) => `${must(value)} 합니다`],
  [/^must be ((?:an? |true ).*?)(?: \((.*)\))?$/s, (wanted) => `${must(things(wanted))} 합니다`],
  [
    /^unknown (?:key "(.*)"|property); (?:did you mean "?(.*?)"?\?|known (?:here: |are )(.*))$/s,
    (key, near, known) =>
      `모르는 키입니다${key === '' ? '' : `: ${key}`}. ${near === '' ? `쓸 수 있는 키: ${known}` : josa`혹시 ${near}인가요?`}`,
  ],
  [/^not a name that is allowed here$/, () => '여기에 쓸 수 없는 이름입니다'],
  [/^kind is missing; known kinds are (.*)$/, (known) => `kind가 없습니다. 쓸 수 있는 종류: ${known}`],
  [
    /^unknown kind(?: "(.*)")?; (?:did you mean "(.*)"\? K|k)nown kinds are (.*)$/s,
    (kind, near, known) =>
      `모르는 종류입니다${kind === '' ? '' : `: ${kind}`}. ${near === '' ? '' : josa`혹시 ${near}인가요? `}쓸 수 있는 종류: ${known}`,
  ],
  [
    /^the name (".*") is already that of (\S+)$/s,
    (name, other) => josa`${name}은(는) 이미 ${other}의 이름입니다`,
  ],
  [
    /^(\S+) (".*") is the (name|id|account) of (\S+) too(; tell them apart .*)?$/s,
    (at, name, _key, other, apart) =>
      josa`${at} ${name}이(가) ${other}에도 있습니다${apart === '' ? '' : '. 리전과 계정으로 구분하세요'}`,
  ],
  [
    /^(\S+) is a role of another account than (\S+)$/,
    (at, account) => josa`${at}은(는) ${account}이(가) 아닌 다른 계정의 역할입니다`,
  ],
  [/^(\S+) is none of those under accounts$/, (at) => josa`${at}이(가) accounts에 없습니다`],
  [
    /^inventory needs "regions", or accounts that name theirs$/,
    () => 'inventory에 regions가 있거나, 계정마다 regions가 있어야 합니다',
  ],
  [
    /^is no text file: YAML or JSON in UTF-8 is read$/,
    () => '텍스트 파일이 아닙니다. UTF-8로 된 YAML이나 JSON을 읽습니다',
  ],
  [
    /^a second document begins here; one is read$/,
    () => '여기서 둘째 문서가 시작됩니다. 문서 하나만 읽습니다',
  ],
  [/^Map keys must be unique$/, () => '같은 키가 두 번 있습니다'],
  [
    /^(?:All (?:mapping|sequence) items must start at the same column|Nested mappings are not allowed in compact mappings|Block scalar \S+ .*indent.*|Flow end indicator should be more indented than parent)$/,
    () => '들여쓰기가 맞지 않습니다',
  ],
  [/^Tabs are not allowed as indentation$/, () => '들여쓰기에 탭을 쓸 수 없습니다'],
  [
    /^(?:Implicit (?:map )?keys (?:of flow sequence pairs )?need|Sequence item without -|A block sequence may not be used as)/,
    () => '`키: 값`의 모양이 아닙니다',
  ],
  [/^Missing closing ["']quote$/, () => '닫는 따옴표가 없습니다'],
  [/^Flow (?:map|sequence) .*must (?:be|end) /, () => '괄호가 닫히지 않았습니다'],
  [/^(?:Missing , |Missing space after )/, () => '쉼표나 콜론이 빠졌습니다'],
  [
    /^Plain value cannot start with (.*)$/s,
    (found) => josa`값은 ${found}(으)로 시작할 수 없습니다. 따옴표로 묶으세요`,
  ],
  [
    /^(?:Unresolved alias|Aliased anchor not found|Excessive alias count|Alias |Anchor |An alias )/,
    () => '앵커(&)와 별칭(*)을 풀 수 없습니다',
  ],
  [/^Unresolved tag: (.*)$/s, (tag) => `모르는 태그입니다: ${tag}`],
  [/^Unexpected (?:\S+|empty item) (?:in|token|at)/, () => '여기에 올 수 없는 문자가 있습니다'],
  [/^"(.*)" is not a port \(1 to 65535\)$/s, (port) => josa`"${port}"은(는) 포트(1-65535)가 아닙니다`],
  [
    /^not a range; write an address or a CIDR /,
    () => '범위가 아닙니다. 주소나, 10.0.0.0/16처럼 호스트 비트가 0인 CIDR을 쓰세요',
  ],
  [
    /^not a host pattern; write a name, or \*\.suffix /,
    () => '호스트 패턴이 아닙니다. 이름이나 *.접미사를 쓰세요 (*는 맨 앞에만)',
  ],
  [/^unexpected (".*")$/s, (found) => josa`${found}은(는) 여기에 올 수 없습니다`],
  [/^found (.*) where (.*) should be$/s, (found) => josa`${found}은(는) 여기에 올 수 없습니다`],
  [/^found (.*) after the end of the value$/s, (found) => josa`값이 끝난 뒤에 ${found}이(가) 있습니다`],
  [/^the text ends where .* should follow$/, () => '글이 도중에 끝났습니다'],
  [/^it is empty$/, () => '비어 있습니다'],
  [/^not JSON$/, () => 'JSON이 아닙니다'],
  [/^this string has no closing quote$/, () => '문자열의 닫는 따옴표가 없습니다'],
  [/^not an escape that JSON knows$/, () => 'JSON에 없는 이스케이프입니다'],
  [/^a control character or line break inside a string$/, () => '문자열 안에 제어 문자나 줄바꿈이 있습니다'],
  [/^strings take double quotes$/, () => '문자열에는 큰따옴표를 씁니다'],
  [/^JSON has no comments$/, () => 'JSON에는 주석이 없습니다'],
]

const KINDS: Readonly<Record<string, string>> = {
  VPC: 'VPC',
  subnet: '서브넷',
  'security group': '보안 그룹',
}

const PLANS: readonly (readonly [RegExp, Speak])[] = [
  [
    /^contradicts "?(\S+?)"?: (\S+) is an (IPv\d) address$/,
    (at, host, family) => josa`${at}과(와) 어긋납니다. ${host}은(는) ${family} 주소입니다`,
  ],
  [/^contradicts "type": (".*")$/, (type) => `"type": ${type}과 어긋납니다`],
  [/^contradicts "method": "HEAD", which has no body$/, () => '"method": "HEAD"에는 본문이 없습니다'],
  [
    /^contradicts "endpoint", which is already the whole name$/,
    () => '"endpoint"가 이미 전체 이름이라 어긋납니다',
  ],
  [
    /^contradicts "tls": "require", which trusts any certificate; use "verify"$/,
    () => '"tls": "require"는 모든 인증서를 받아들이므로 어긋납니다. "verify"를 쓰세요',
  ],
  [/^has no effect: the URL is plain http$/, () => 'http URL이라 효과가 없습니다'],
  [/^has no effect: "tls" is "off"( by default)?$/, () => '"tls"가 "off"라 효과가 없습니다'],
  [
    /^the name of a file beside the probe, without a path$/,
    () => '프로브 옆에 있는 파일의 이름만 쓰세요 (경로 없이)',
  ],
  [
    /^neither an address nor a range whose host bits are zero$/,
    () => '주소도, 호스트 비트가 0인 범위도 아닙니다',
  ],
  [
    /^an IPv6 address stands without brackets; a port has its own property$/,
    () => 'IPv6 주소는 괄호 없이 쓰고, 포트는 따로 적습니다',
  ],
  [
    /^no port here; write "port": (\d+)$/,
    (port) => `여기에는 포트를 쓰지 않습니다. "port": ${port}로 적으세요`,
  ],
  [/^neither a name nor an IPv6 address$/, () => '이름도 IPv6 주소도 아닙니다'],
  [
    /^write an internationalised name in its ASCII \(xn--\) form$/,
    () => '다국어 이름은 ASCII(xn--) 형식으로 적으세요',
  ],
  [/^not a DNS name: /, () => 'DNS 이름이 아닙니다'],
  [
    /^neither a name nor an IPv4 address of four numbers$/,
    () => '이름도, 숫자 네 개로 된 IPv4 주소도 아닙니다',
  ],
  [/^an address needs no DNS; write a name$/, () => '주소에는 DNS가 필요 없습니다. 이름을 적으세요'],
  [
    /^a step needs send, expect or startTls$/,
    () => '단계에는 send, expect, startTls 가운데 하나가 필요합니다',
  ],
  [/^not a URL$/, () => 'URL이 아닙니다'],
  [/^a header holds no line break$/, () => '헤더에는 줄바꿈을 쓸 수 없습니다'],
  [
    /^refused: a plan holds no secrets; /,
    () => '거부했습니다. 계획에는 비밀 값을 두지 않습니다. 서버가 무엇이든 답하면 경로는 확인됩니다',
  ],
  [/^refused: the check itself frames its request$/, () => '거부했습니다. 요청의 틀은 검사가 직접 만듭니다'],
  [/^Invalid regular expression: /, () => '정규식이 잘못되었습니다'],
  [/^not valid Unicode .*$/, () => '올바른 유니코드가 아닙니다'],
  [/^has a property whose name is not valid Unicode$/, () => '이름이 올바른 유니코드가 아닌 키가 있습니다'],
  [
    /^(\$\{.*) is taken literally; a plan expands no variables$/s,
    (text) => josa`${text}은(는) 글자 그대로 씁니다. 계획은 변수를 풀지 않습니다`,
  ],
  [
    /^(.*) decides nothing where the expectation is "unreachable": any answer fails it$/s,
    (keys) => josa`"unreachable"을 기대할 때는 어떤 답이든 실패라서 ${keys}은(는) 쓰이지 않습니다`,
  ],
  [
    /^holdMs (\d+) hardly fits into the 900 s that a Lambda may run$/,
    (ms) => `holdMs ${ms}은(는) Lambda가 실행될 수 있는 900초에 들어가기 어렵습니다`,
  ],
  [/^no report line among (\d+) lines?$/, (n) => `${n}줄 가운데 보고 줄이 없습니다`],
  [/^expected a list of changes$/, () => '변경 목록이어야 합니다'],
  [/^expected at least one change$/, () => '변경이 하나 이상 있어야 합니다'],
  [
    /^expected a change, an object whose kind is one of (.*)$/,
    (kinds) => `변경이 아닙니다. kind가 다음 가운데 하나인 객체여야 합니다: ${kinds}`,
  ],
  [/^must have required propert(?:y|ies) (.*)$/, (names) => `빠진 키가 있습니다: ${names}`],
  [/^must not have additional properties$/, () => '모르는 키가 있습니다'],
  [
    /^must match (?:pattern (.*)|a schema in anyOf)$/,
    (pattern) => (pattern === '' ? '허용되는 형식 가운데 하나여야 합니다' : `${pattern}에 맞아야 합니다`),
  ],
  [/^must be equal to (?:constant|one of the allowed values)$/, () => '허용된 값이 아닙니다'],
  [
    /^must be (object|array|string|integer|number|boolean|null)$/,
    (kind) => `${must(thing(/^[aoi]/.test(kind) ? `an ${kind}` : `a ${kind}`))} 합니다`,
  ],
  [/^(\S+) is on (\S+) already$/, (id, table) => josa`${id}은(는) 이미 ${table}에 연결되어 있습니다`],
  [/^(\S+) is attached to a VPC already$/, (id) => josa`${id}은(는) 이미 VPC에 연결되어 있습니다`],
  [
    /^subnet (\S+) has no (IPv4 range|free address)$/,
    (id, what) => `서브넷 ${id}에 ${what === 'free address' ? '남은 주소가' : 'IPv4 범위가'} 없습니다`,
  ],
  [
    /^the subnets of (\S+) have to be in one VPC$/,
    (name) => `${name}의 서브넷은 모두 한 VPC에 있어야 합니다`,
  ],
  [
    /^no function of the snapshot has the role (\S+)$/,
    (role) => josa`스냅샷에 역할 ${role}을(를) 쓰는 함수가 없습니다`,
  ],
]

const STORES: readonly (readonly [RegExp, Speak])[] = [
  [
    /^the data folder (\S+) can't be used: (.*); choose another one with --data$/s,
    (dir, why) =>
      josa`데이터 폴더 ${dir}을(를) 쓸 수 없습니다. ${troubleIn(why)}. --data로 다른 폴더를 지정하세요`,
  ],
  [
    /^the DynamoDB table "(.*)" \((.*?)\) can't be used: (.*)$/s,
    (table, where, why) =>
      josa`DynamoDB 테이블 "${table}"(${where === 'the region of the environment' ? '환경의 리전' : where})을(를) 쓸 수 없습니다: ${why}`,
  ],
  [
    /^there is no DynamoDB table "(.*?)"(?: in (\S+))?: /s,
    (table, region) =>
      josa`${region === '' ? '' : `${region}에 `}DynamoDB 테이블 "${table}"이(가) 없습니다. sonde store create로 만들거나, 설정의 store.dynamodb를 고치세요`,
  ],
  [
    /^the DynamoDB table "(.*)" is not one that Sonde can use: (.*)$/s,
    (table, why) => josa`DynamoDB 테이블 "${table}"은(는) Sonde가 쓸 수 있는 테이블이 아닙니다: ${why}`,
  ],
  [
    /^the DynamoDB table "(.*)" holds data, and a table is never replaced: /s,
    (table) =>
      `DynamoDB 테이블 "${table}"에 데이터가 있고, 테이블은 바꾸지 않습니다. sonde store create --table 이름으로 새로 만들고 --table 이름으로 그 안에 다시 만든 뒤 설정에 적으세요`,
  ],
  [
    /^(?:the table )?(\S+) has schema version (\d+), and this program knows versions up to (\d+): /,
    (what, found, known) =>
      `${what}의 스키마 버전은 ${found}인데 이 프로그램은 ${known}까지 압니다. 더 새로운 프로그램을 쓰거나 다른 저장소를 지정하세요`,
  ],
  [
    /^the store in (.*) is in use by another program /s,
    (dir) =>
      josa`${dir}의 저장소를 다른 프로그램(서버나 다른 sonde 명령)이 쓰고 있습니다. 그 프로그램을 끝내고 다시 만든 뒤 시작하세요`,
  ],
  [
    /^another program made a store in (.*) meanwhile: it stays$/s,
    (dir) => `그사이 다른 프로그램이 ${dir}에 저장소를 만들었습니다. 그대로 둡니다`,
  ],
  [
    /^no report was found in (\d+) lines?: /,
    (n) => `${n}줄에서 보고를 찾지 못했습니다. 보고가 없는 저장소로는 바꾸지 않습니다`,
  ],
  [
    /^refusing to listen on (\S+) without a token: /,
    (host) =>
      josa`토큰 없이 ${host}에서 요청을 받지 않습니다. 닿을 수 있는 누구나 읽고 쓸 수 있기 때문입니다. sonde token new --scope read --scope ingest --name 이름을 실행해 출력된 줄을 설정 파일의 tokens에 넣고 --config 파일로 시작하거나, 127.0.0.1에서 받으세요`,
  ],
  [
    /^no call was answered; (\S+): (.*)$/s,
    (call, why) => `AWS가 어떤 호출에도 답하지 않았습니다. ${call}: ${why}`,
  ],
  [
    /^AWS does not accept the credentials for (\S+): (.*)$/s,
    (region, why) => `AWS가 ${region}의 자격 증명을 받아들이지 않습니다: ${why}`,
  ],
]

const LABS: readonly (readonly [RegExp, Speak])[] = [
  [/^no scenario in it \(expected\.json\)$/, () => '시나리오가 없습니다 (expected.json)'],
  [/^no lab in it \(lab\.json\)$/, () => '실험실이 없습니다 (lab.json)'],
  [/^the snapshot has no database (\S+)$/, (id) => josa`스냅샷에 데이터베이스 ${id}이(가) 없습니다`],
  [
    /^no function, interface or instance of the snapshot is called (\S+)$/,
    (name) => josa`스냅샷에 ${name}(이)라는 함수, 인터페이스, 인스턴스가 없습니다`,
  ],
  [/^the lab ended$/, () => '실험실이 끝났습니다'],
  [
    /^can not be made; name another folder in SONDE_RUNTIME_DIR$/,
    () => '폴더를 만들 수 없습니다. SONDE_RUNTIME_DIR로 다른 폴더를 지정하세요',
  ],
  [
    /^expected a folder of this user that nobody else may enter /,
    () =>
      '이 사용자만 들어갈 수 있는 폴더(chmod 700)여야 합니다. 아니면 SONDE_RUNTIME_DIR로 다른 폴더를 지정하세요',
  ],
  [
    /^there is no fault (\S+): see (.*)$/,
    (id, list) => josa`${id}(이)라는 고장은 없습니다. ${list}에서 확인하세요`,
  ],
  [
    /^(\S+) has no place in this lab as it is: see (.*)$/,
    (id, list) => josa`${id}은(는) 지금 이 실험실에 넣을 곳이 없습니다. ${list}에서 확인하세요`,
  ],
  [
    /^(\S+) can not be put in at (\S+), but at (.*)$/s,
    (id, site, where) => josa`${id}은(는) ${site}에 넣을 수 없습니다. 넣을 수 있는 곳: ${where}`,
  ],
  [/^the sample's recording can not be read$/, () => '예제의 녹화본을 읽을 수 없습니다'],
  [/^no recording of version (\S+) of the sample$/, (n) => `예제의 버전 ${n} 녹화본이 아닙니다`],
]

const DISCOVERY: readonly (readonly [RegExp, Speak])[] = [
  [
    /^no subnet has a default route: /,
    () => '기본 경로가 있는 서브넷이 없습니다. 함수에 인터넷이 필요하면 검사를 직접 추가하세요',
  ],
  [
    /^no cheap read-only call of that service is known: /,
    () => '이 서비스의 가벼운 읽기 전용 호출을 알지 못합니다. 그 이름의 tls 검사를 직접 추가하세요',
  ],
  [
    /^(\d+) more checks were left out, since a plan takes (\d+): /,
    (left, most) =>
      `검사 ${left}개를 뺐습니다. 계획 하나에는 ${most}개까지 들어갑니다. sonde:checks 태그로 고르세요`,
  ],
  [
    /^nothing to check was found: its plan asks whether names are resolved at all$/,
    () => '검사할 것을 찾지 못해, 이름이 확인되는지만 검사합니다',
  ],
  [
    /^some of its functions may use IPv6 and some may not: its probes may$/,
    () => 'IPv6를 쓸 수 있는 함수와 없는 함수가 섞여 있습니다. 프로브는 쓸 수 있습니다',
  ],
  [/^sonde:checks of (\S+): (.*)$/s, (name, why) => `${name}의 sonde:checks: ${spoken(why)}`],
  [
    /^("[^"]*"): nothing of that name was found in its VPC$/s,
    (word) => josa`${word}(이)라는 것을 VPC에서 찾지 못했습니다`,
  ],
  [
    /^("[^"]*"): may mean (.*)$/s,
    (word, names) => josa`${word}은(는) 여럿을 뜻할 수 있습니다: ${names.replaceAll(' or ', ', ')}`,
  ],
  [/^(\S+): no check, (.*)$/s, (name, why) => `${name}: 검사로 넣지 않았습니다. ${spoken(why)}`],
  [/^no such kind; known are (.*)$/, (kinds) => `그런 종류는 없습니다. 쓸 수 있는 종류: ${kinds}`],
  [/^tcp needs a port$/, () => 'tcp에는 포트가 필요합니다'],
  [
    /^an endpoint service of someone: /,
    () => '누군가의 엔드포인트 서비스입니다. AWS가 포트를 알려 주지 않으니 tcp나 tls 검사를 직접 추가하세요',
  ],
  [/^expected HOST or HOST:PORT after :\/\/$/, () => ':// 뒤에 호스트나 호스트:포트가 와야 합니다'],
  [/^the posture$/, () => '이 위치'],
  [/^function (\S+)$/, (name) => `함수 ${name}`],
  [/^check (\S+)$/, (name) => `검사 ${name}`],
  [/^its checks$/, () => '검사'],
  [/^edited by hand; no function has it any more$/, () => '손으로 고쳤고, 이제 여기에 있는 함수가 없습니다'],
  [/^taken out by hand; functions have it still$/, () => '손으로 뺐지만, 함수는 아직 여기에 있습니다'],
  [
    /^edited by hand; discovery sees (.*)$/s,
    (seen) => `손으로 고쳤습니다. 디스커버리가 찾은 값: ${seen === 'none' ? '없음' : seen}`,
  ],
  [/^taken out by hand; it is (?:there|found) still$/, () => '손으로 뺐지만, 아직 있습니다'],
  [/^edited by hand; discovery proposes (.*)$/s, (is) => `손으로 고쳤습니다. 디스커버리의 제안: ${is}`],
  [/^edited by hand; what it asks is found no more$/, () => '손으로 고쳤고, 검사 대상은 더 이상 없습니다'],
  [/^found no more; a plan needs one$/, () => '더 이상 찾지 못했지만, 계획에는 하나가 있어야 합니다'],
]

const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/no such file/i, '그런 파일이나 폴더가 없습니다'],
  [/EISDIR|illegal operation on a directory/, '폴더입니다'],
  [/permission denied|EACCES|may not write/i, '권한이 없습니다'],
  [/^it is a file$/, '파일입니다'],
  [/^a file lies on the way to it$/, '경로 중간에 파일이 있습니다'],
  [/^nothing can be made there$/, '그곳에는 만들 수 없습니다'],
  [/read-only/, '읽기 전용 파일 시스템입니다'],
  [/^the disk is full$/, '디스크가 가득 찼습니다'],
  [/links lead in a circle/, '링크가 서로를 돌며 가리킵니다'],
  [/^the name is too long$/, '이름이 너무 깁니다'],
  [/is no database$/, '그 안의 sonde.db가 데이터베이스가 아닙니다'],
  [/is damaged$/, '그 안의 sonde.db가 손상되었습니다'],
  [/can not be opened/, '그 안의 sonde.db를 열 수 없습니다'],
  [/^another program holds/, '다른 프로그램이 그 안의 sonde.db를 쓰고 있습니다'],
  [
    /incorrect header check|unexpected end of file|invalid .*(?:block|stored|distance|code)/i,
    '온전한 gzip 파일이 아닙니다',
  ],
]

function troubleIn(why: string): string {
  return TROUBLES.find(([form]) => form.test(why))?.[1] ?? why
}

const whole = (name: string): string =>
  name === 'the configuration' ? '설정' : name === 'the plan file' ? '계획 파일' : name

const about = (name: string): string => (name === '' ? '' : josa`${whole(name)}은(는) `)

/** `정수여야`, `문자열이어야`. */
const must = (word: string): string => `${word}${particle(word, '(이)') === '' ? '여야' : '이어야'}`

const MESSAGES = [...FILES, ...VALUES, ...PLANS, ...STORES, ...LABS, ...DISCOVERY]

function known(message: string): string | null {
  for (const [form, speak] of MESSAGES) {
    const found = form.exec(message)
    if (found !== null) return speak(...found.slice(1).map((part) => part ?? ''))
  }
  return koreanOf(message)
}

/** One line; where only what stands behind a place (`sonde.yaml:3:1: …`) is known, the place stays as it is. */
function spoken(line: string): string {
  const all = known(line)
  if (all !== null) return all
  const at = line.indexOf(': ')
  if (at < 0) return line
  const place = line.slice(0, at)
  const rest = line.slice(at + 2)
  return `${/^line \d+, column \d+$/.test(place) ? (known(place) ?? place) : place}: ${spoken(rest)}`
}

/** What is told in English alone, in both languages; the words of others (AWS, a driver) stay as they are. */
export function spokenText(message: string): Text {
  return { en: message, ko: message.split('\n').map(spoken).join('\n') }
}
