import { STATUS_KO } from '../../health/status-words.js'
import { josa } from '../../korean.js'
import type { Words } from './en.js'

export const ko: Words = {
  skip: '본문으로 건너뛰기',
  navigation: '주 메뉴',
  pages: {
    overview: '개요',
    function: '함수',
    map: '네트워크 맵',
    trace: '경로 추적',
    incidents: '장애 이력',
    rejects: '거부된 보고',
    settings: '설정',
  },
  switchLanguage: 'English',
  switchLanguageTag: 'en',
  themes: { system: '테마: 시스템 설정', light: '테마: 밝게', dark: '테마: 어둡게' },

  live: '실시간',
  polling: '20초마다 확인',
  connecting: '연결 중',
  behind: '일부는 최신이 아닙니다',
  lost: (ago) => `${ago} 연결이 끊겨 다시 시도하는 중`,
  lastReport: (ago) => `마지막 보고 ${ago}`,
  noReport: '아직 보고 없음',
  zone: (zone) => `시간대 ${zone}`,

  sample: '예제',
  sampleLab:
    '예제: 어느 상점의 VPC를 이 컴퓨터의 커널 안에 실제 네트워크로 띄웠습니다. 패킷은 진짜이고, 밖으로 나가는 것은 없으며 AWS 계정도 쓰지 않습니다.',
  sampleRecording: (at) =>
    `예제: ${at}에 녹화한 실험실입니다. 패킷은 진짜였고, 지금 실행 중인 것은 없습니다.`,
  lab: {
    open: '고장 내 보기',
    about: '녹화본 안내',
    title: '고장 낼 수 있는 것',
    hint: '하나를 고장 내면 몇 초 안에 함수가 실패합니다. 그 함수를 열어 조치를 실험실에 적용해 보세요.',
    noLab: (why) => `이 컴퓨터에서는 실험실을 띄우지 못했습니다: ${why}.`,
    asked:
      '녹화본을 보도록 시작했습니다(--sample recording). 그 옵션 없이 시작하면, 가능한 컴퓨터에서는 실험실을 띄웁니다.',
    break: '고장 내기',
    mend: '되돌리기',
    active: '고장 난 상태',
    hits: '영향',
    reset: '실험실 초기화',
    working: '네트워크를 바꾸는 중…',
    fixes: (n) => `적용한 조치 ${n}개`,
  },

  status: {
    ...STATUS_KO,
    pass: '통과',
    block: '차단',
    reachable: '도달 가능',
    unreachable: '도달 불가',
    open: '진행 중',
    closed: '종료',
  },
  kind: {
    healthy: '예상대로',
    proven: '증명됨',
    predicted: '예측',
    contradicted: '패킷과 스냅샷이 어긋남',
    'outside-configuration': '구성 밖의 원인',
    inconclusive: '판단 불가',
  },

  ends: {
    function: '함수',
    'network-interface': '네트워크 인터페이스',
    database: '데이터베이스',
    service: '서비스',
    internet: '인터넷',
    instance: '인스턴스',
  },

  now: '방금',
  never: '없음',
  ago: {
    seconds: (n) => `${n}초 전`,
    minutes: (n) => `${n}분 전`,
    hours: (n) => `${n}시간 전`,
    days: (n) => `${n}일 전`,
  },
  span: {
    seconds: (n) => `${n}초`,
    minutes: (n) => `${n}분`,
    hours: (n) => `${n}시간`,
    days: (n) => `${n}일`,
  },

  copy: '복사',
  copied: '복사했습니다',
  copyFailed: '직접 선택해 복사하세요',
  close: '닫기',
  retry: '다시 시도',
  more: '더 보기',
  loading: '불러오는 중',
  loadingMore: '더 불러오는 중',
  shown: (count, more) => (more ? `${count}건 표시, 더 있음` : `${count}건 표시`),
  came: (n, orMore) => `새 항목 ${n}개${orMore ? ' 이상' : ''}`,
  went: (n) => `더는 해당하지 않는 항목 ${n}개`,
  showNow: '지금 목록 보기',

  problem: {
    forbidden: '이 토큰으로는 할 수 없습니다',
    missing: '찾을 수 없습니다',
    refused: '요청이 거절되었습니다',
    busy: '서버가 바쁩니다',
    broken: 'Sonde 안에서 문제가 생겼습니다',
    disconnected: 'Sonde에 연결할 수 없습니다',
    disconnectedHint: '서버가 응답하면 화면이 저절로 돌아옵니다.',
    brokenHint: (id) => josa`자세한 내용은 서버 로그에서 ${id}(으)로 찾을 수 있습니다.`,
    chunk: '화면의 일부를 불러오지 못했습니다',
    chunkHint: '이 화면을 연 뒤에 Sonde가 업데이트되었을 수 있습니다.',
    reload: '새로 고침',
  },
  signIn: {
    title: '토큰이 필요합니다',
    hint: '“sonde token new --scope read”로 토큰을 만들고, 출력된 줄을 설정 파일에 넣으세요. 토큰은 이 탭에만 보관됩니다.',
    label: '토큰',
    submit: '계속',
    wrong: '알 수 없는 토큰입니다.',
    out: '토큰 지우기',
  },
  notFound: {
    title: '없는 페이지입니다',
    hint: '주소를 잘못 입력했을 수 있습니다.',
    home: '개요로 가기',
  },
}
