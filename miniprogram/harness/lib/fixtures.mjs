// Answers of a gateway, small and fixed, for the pages that are tapped through. A run against a real
// gateway (GATEWAY=http://…) takes none of this.

import { deflateSync } from 'node:zlib'

const SECOND = 1000
const at = (secondsAgo) => new Date(Date.now() - secondsAgo * SECOND + 8 * 3600 * SECOND).toISOString().replace(/\.\d+Z$/, '+08:00')
const ok = (body, status = 200) => ({ status, body })
const refuse = (status, code, detail, more = {}) => ({
  status,
  body: { type: `about:blank#${code}`, title: code, status, detail, code, trace_id: '0af7651916cd43dd8448eb211c80319c', ...more },
})
/** A plain picture in the proportions of a card, as PNG (ISO/IEC 15948). */
function picture(width, height, [red, green, blue]) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0])
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  const row = Buffer.from([0, ...Array.from({ length: width }, () => [red, green, blue]).flat()])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

function crc32(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return (crc ^ 0xffffffff) >>> 0
}

const PNG = picture(171, 108, [223, 233, 247])

const version = '2026-11-01'
const region = { code: '440000', name: '广东省' }
const gongan = { code: 'gongan', name: '广东省公安厅' }

const themes = [
  ['household', '户籍证件', 'citizen', 'id-card'],
  ['marriage-birth', '婚育收养', 'citizen', 'baby'],
  ['housing', '住房保障', 'citizen', 'house'],
  ['corp-setup', '设立变更', 'enterprise', 'store'],
].map(([code, name, audience, icon]) => ({ code, name, audience, icon, count: 3 }))

function item(number, plain_name, name, more = {}) {
  const id = `11440000MB9X00111Q444070900100${number}`
  return {
    id, task_code: id, name, plain_name, department: gongan, audience: ['citizen'], themes: ['household'], region,
    available: true, unavailable_reason: null, online: true, visits: 0, promise: '当场办结', fee: false, min_level: 4, hot: true, ...more,
  }
}

const items = [
  item(1, '给孩子上户口', '出生登记'),
  item(2, '身份证到期换新', '换领居民身份证', { online: false, visits: 1, promise: '20天', fee: true }),
  item(3, '办居住证', '居住证申领', { available: false, unavailable_reason: '该地暂未开通，可到广州市、深圳市办理' }),
]

const elements = {
  dept_name: '广东省公安厅',
  accept_condition: ['父亲或母亲一方为本省常住户口居民'],
  materials: [
    { material_name: '出生医学证明', exempt_by_share: true },
    { material_name: '居民户口簿', material_type: '原件', page_num: 1, material_format: '纸质或电子' },
  ],
  promise_text: '当场办结',
  anticipate_text: '法律法规未规定办结时限',
  fees: [],
  transact_addr: '户口所在地派出所户政窗口',
  transact_time: '周一至周五 9:00–12:00、14:00–17:30',
  handle_type_names: ['窗口办理', '手机办理'],
  handle_flow: [{ stage: '受理', explain: '核对出生医学证明' }, { stage: '办结', explain: '登记户口' }],
  faqs: [{ question: '过了一个月还能上吗', answer: '可以。逾期也应尽快补报。' }],
  by_law: ['《中华人民共和国户口登记条例》第七条'],
  link_way: '020-12345',
  supervise_way: '020-12389',
  task_type_name: '行政确认',
}

const person = { id: 'p1', level: 4, name: '李**', phone: '138****0002', id_number: '440***********0021', wechat: true, elder: false, region_code: '440000', consents: [{ kind: 'privacy', version, given_at: at(60) }] }
const tokens = { access_token: 'access-1', access_expires_in: 900, refresh_token: 'refresh-1', refresh_expires_in: 2592000, level: 4, person }

function licence(id, name, hue, more = {}) {
  return {
    id, type_code: '11100000000013127D001', name, number: '440***********0021', holder: '李**', issuer: '广州市公安局', status: 'VALID',
    status_label: '有效', valid_to: '2036-01-01', hue, freshness: 'fresh', as_of: at(30), source: 'gd-gongan', ...more,
  }
}
const licences = [licence('l1', '居民身份证', 'blue'), licence('l2', '机动车驾驶证', 'slate', { freshness: 'stale', as_of: at(90_000) })]
const wallet = {
  as_of: at(0),
  items: licences,
  sources: [
    { code: 'gd-gongan', name: '公安厅', status: 'fresh', as_of: at(30) },
    { code: 'gd-yibao', name: '医保局', status: 'stale', as_of: at(90_000) },
  ],
}
const detail = (id) => ({ ...licences.find((one) => one.id === id), valid_from: '2016-01-01', issue_date: '2016-01-01', version: '001', identifier: '1.2.156.3005.2.x', fields: [{ name: 'sex', label: '性别', value: '女', sensitive: false }] })

const section = (more) => ({ kind: 'account', status: 'fresh', as_of: at(100), source: { code: 'x', name: '人社厅' }, reason: null, required_level: null, headline: null, lines: [], count: null, items: [], ...more })
const sections = [
  section({ code: 'social_security', title: '社会保险', headline: { label: '累计缴费', value: '96', unit: '个月' } }),
  section({ code: 'licences', kind: 'licences', title: '我的证照', source: null, count: 2, items: licences.map(({ id, name, hue, status_label }) => ({ id, name, hue, status_label })) }),
  section({ code: 'messages', kind: 'messages', title: '消息', source: null, count: 0 }),
]
const uscc = '91440300MA5ABCD19W'
const company = { uscc, name: '深圳市晓雯烘焙有限公司', kind: 'enterprise', status: '存续' }
const acting = { role: 'LEGAL_REP', scopes: ['view', 'cases.read', 'cases.apply', 'licences', 'policies', 'members', 'machines', 'administrators'], items: [], ends_on: null, ends_at: null, cases_left: null }
const corpMember = {
  id: 'cm1', uscc, enterprise_name: company.name, role: 'AGENT', state: 'active', name: '王*', phone: '139****0011', scopes: ['cases.apply', 'cases.read'],
  items: [], ends_on: '2027-02-28', expired: false, created_at: at(86_400), accepted_at: at(80_000), expires_at: null,
  by_licence: false, ends_at: null, most_cases: 20, cases_filed: 2,
}
const corpMembers = [corpMember, { ...corpMember, id: 'cm2', role: 'ADMINISTRATOR', scopes: [], ends_on: null }, { ...corpMember, id: 'cm3', state: 'invited', accepted_at: null, expires_at: at(-500_000) }]

const reading = (number, secondsAgo, system, department, more = {}) => ({
  id: `r${number}`, at: at(secondsAgo), system, department, resource: { code: '301001/0001', name: '婚姻登记信息' },
  fields: [{ name: 'status', label: '婚姻状况' }, { name: 'registered_on', label: '登记日期' }], purpose: '核对购房补贴申请人的婚姻状况',
  legal_basis: '《广东省住房公积金管理条例》第二十四条', case_no: '20261124-000318', result: 'read', ...more,
})
const facts = [
  { name: 'holder_name', label: '持证主体', sensitive: true, predicate: false },
  { name: 'age_over_18', label: '年满18周岁', sensitive: false, predicate: true },
]
const offer = { licence_id: 'Xu0rxnPFeh9L', facts, required_level: 3, confirm: 'strangers', credential_days: 7, credential_alg: 'ed25519' }
const shownCode = {
  code: '7H3K5QZ2M4XW6TJA7NRB7CVD2E', text: 'https://gov.example/verify#c=7H3K5QZ2M4XW6TJA7NRB7CVD2E',
  expires_in: 60, renew_after: 45, shows: [], confirm: 'strangers',
}
const usages = [{
  id: '01a213b4-dbc2-739c-95a2-aa6ab760d0c2', at: at(600), licence_id: 'Xu0rxnPFeh9L', licence_type: { code: 'x', name: '居民身份证' },
  verifier_kind: 'public', verifier: '示范酒店前台（自称）', purpose: '住宿登记', fields: [facts[1]], how: 'confirmed',
  how_label: '亮证出示（经本人确认）', grant_id: null,
}]

const readings = [
  reading(1, 600, { code: 'gd-gjj', name: '公积金中心' }, '广州住房公积金管理中心'),
  reading(2, 90_000, { code: 'gd-renshe', name: '人社厅' }, '广东省人力资源和社会保障厅', { case_no: null, result: 'none' }),
]

const resource = (number, name, share_type, more = {}) => ({
  code: `30100${number}/0001`, address_code: `30100${number}-0001`, name, summary: `${name}，由登记机关在办理时形成。`, provider: { system: 'gd-minzheng', name: '广东省民政厅', uscc: '11440000006940079M' },
  category: 'department', format: 'database', share_type, share_conditions: null, share_ground: null, share_modes: ['interface'], update_cycle: 'realtime', open_type: 'disallowed',
  classification: 'general', level: 3, subject_code_types: ['111'], related: [], items: [{ name: 'status', label: '婚姻状况', type: 'text', level: 3, required: true }, { name: 'registered_on', label: '登记日期', type: 'date', level: 2, required: false }], ...more,
})
const resources = [
  resource(1, '婚姻登记信息', 2, { share_conditions: { scope: '各级行政机关', use: '办理政务服务事项时核对婚姻状况', terms: '只在有办件号的情况下查询本人' } }),
  resource(2, '社会组织登记信息', 1, { level: 1, open_type: 'unconditional' }),
  resource(3, '收养登记信息', 3, { share_ground: '《中华人民共和国民法典》第一千一百一十条', share_modes: [] }),
]

const loan = {
  id: 'n1', licence_id: 'l1', type_code: '11100000000013127D001', type_name: '居民身份证', owner: '李**', grantee_kind: 'person', grantee: '张*', purpose: '代办业务',
  fields: [{ name: 'holder_name', label: '持证主体' }], times: 3, used: 1, ends_at: at(-864_000), state: 'active', state_label: '生效中', created_at: at(86_400), invitation: null,
}
const member = { id: 'm1', kind: 'child', role: 'carried', name: '李*', state: 'active', since: at(86_400), ends_on: '2036-05-01', invitation: null }
const copy = {
  id: 'c1', code: 'ABCDEFGHIJKLMNOPQRSTUVWX', licence_id: 'l1', type_code: '11100000000013127D001', type_name: '居民身份证', purpose: '租房', user: '示范房产中介有限公司',
  created_at: at(86_400), expires_at: at(-864_000), state: 'valid', state_label: '真实有效',
}

const agreement = (kind) => ({ kind, version, title: kind === 'face' ? '人脸信息处理规则' : '隐私政策', effective_from: version, sections: [{ heading: '我们收集哪些信息', paragraphs: ['登录时收集手机号。'] }] })

/** What anybody may ask for. */
function open(path, query) {
  if (path === '/public/policy-publicity') return ok({ items: [publicised] })
  if (path === '/public/bootstrap') return ok({ name: '省事通', sandbox: false, home_region: region, privacy: { version }, face_notice: { version }, hotline: '12345', wechat: { enabled: true } })
  if (path.startsWith('/public/agreements/')) return ok(agreement(path.split('/')[3]))
  if (path === `/public/copies/${copy.code}`) return ok({ ...copy, issuer: '广州市公安局', holder: '李**' })
  if (path === '/public/themes') return ok({ items: themes.filter((one) => one.audience === query.get('audience')) })
  if (path === '/public/departments') return ok({ items: [{ ...gongan, short_name: '公安厅', count: 3 }] })
  if (path === '/public/regions') return ok({ items: [{ code: '440100', name: '广州市', level: 2, parent_code: '440000', has_children: true }], next_cursor: null })
  if (path.startsWith('/public/regions/')) return ok({ ...region, level: 1, parent_code: null, has_children: true, path: [region] })
  if (path === '/public/service-items') return ok({ items, next_cursor: null, total: items.length, suggestion: null })
  if (path === '/public/data-resources') return ok({ items: resources.filter((one) => !query.get('share_type') || String(one.share_type) === query.get('share_type')), next_cursor: null, total: resources.length })
  const described = path.startsWith('/public/data-resources/') && resources.find((one) => path.endsWith(one.address_code))
  if (described) return ok(described)
  const found = path.startsWith('/public/service-items/') && items.find((one) => path.endsWith(one.id))
  return found ? ok({ ...found, elements }) : null
}

/** What needs a session. */
function personal(path) {
  if (path === '/citizen/me' || path === '/citizen/me/preferences') return ok(person)
  if (path === '/citizen/home') return ok({ as_of: at(0), greeting: '李**，下午好', todo: [], sections })
  if (path === '/citizen/wallet') return ok(wallet)
  if (path === '/citizen/assistant') return ok({ greeting: '您好，请说说您想办什么。', examples: ['孩子上户口要带什么材料'], by_model: false })
  if (path.endsWith('/face.png') || path.endsWith('/copy.png')) return { png: PNG }
  if (path === '/citizen/loans' || path === '/citizen/borrowed') return ok({ items: [loan] })
  if (path === `/citizen/loans/${loan.id}`) return ok(loan)
  if (path === '/citizen/family') return ok({ items: [member, { ...member, id: 'm2', kind: 'relative', role: 'carrier', name: '张*' }] })
  if (path === `/citizen/family/${member.id}/wallet`) return ok(wallet)
  if (path.startsWith('/citizen/cases/mandates')) return ok({ items: [{ id: 'd1', link_id: path.endsWith('received') ? 'm1' : 'm2', item_code: '', ends_on: '2036-05-01' }] })
  if (path === '/citizen/copies') return ok({ items: [copy, { ...copy, id: 'c2', state: 'withdrawn', state_label: '已作废' }] })
  const one = /^\/(?:citizen|citizen\/family\/\w+|enterprise\/enterprises\/\w+)\/wallet\/(\w+)$/.exec(path)
  if (one && licences.some((card) => card.id === one[1])) return ok(detail(one[1]))
  if (path.endsWith('/reveal')) return ok({ field: 'number', value: '440106199505200021' })
  if (path === '/citizen/messages') return ok({ items: [], next_cursor: null, unread: 0 })
  if (path === '/citizen/licence-usages') return ok({ items: usages, next_cursor: null })
  if (path === '/citizen/presentations/offer') return ok(offer)
  if (path === '/citizen/readings') return ok({ items: readings, next_cursor: null })
  if (path === '/citizen/sessions') return ok({ items: [{ id: 's1', device_name: 'iPhone 13', platform: 'mp-weixin', current: true, created_at: at(900), last_seen_at: at(5), region_hint: null }] })
  if (path === '/enterprise/enterprises') return ok({ items: [{ ...company, ...acting }], source_status: 'fresh' })
  if (path === `/enterprise/enterprises/${uscc}/members`) return ok({ items: corpMembers })
  if (path === `/enterprise/enterprises/${uscc}/machines`) return ok({ items: [{ id: 'mc1', name: '财务系统', key_id: 'ent-0a1b2c3d4e5f60718293a4b5', alg: 'sm2', scopes: ['cases.read'], daily_quota: 1000, created_at: at(86_400) }] })
  if (path === '/enterprise/invitations') return ok({ items: corpMembers.slice(2) })
  if (path === `/enterprise/enterprises/${uscc}`) {
    return ok({ ...company, legal_representative: '李**', region_code: '440300', address: '深圳市福田区', established_on: '2019-04-02', registered_capital: 50, industry: { code: 'C1411', name: '糕点制造' }, sections: sections.slice(0, 1), wallet: { ...wallet, items: [licence('l1', '营业执照', 'gold')] }, acting })
  }
  const policies = /^\/(?:citizen|enterprise\/enterprises\/\w+)\/policies(?:\/(.+))?$/.exec(path)
  if (policies) return policyAnswer(policies[1] ?? '')
  return null
}

const policy = {
  code: 'gaoling-jintie', title: '高龄津贴', summary: '八十周岁以上老人，每月发放。', department: '民政厅', kind: 'automatic', kind_name: '免申即享',
  benefit: '每月 100 元', benefit_kind: 'money', outcome: 'matched', amount: '100 元', why: '年满八十周岁、本省户籍', link: '',
}
const benefit = {
  id: 'b1', code: policy.code, title: policy.title, kind_name: policy.kind_name, department: policy.department, holder: '李**', number: '440***********0021',
  period: '2026-11', state: 'offered', state_name: '待您确认', amount: '100 元', account: '', due_on: null, answer_by: null, created_at: at(86400),
}
const publicised = { id: 'b2', code: policy.code, title: '长寿保健金', department: '民政厅', holder: '陈*', amount: '500 元', until: '2026-12-01', contact: '12345' }

function policyAnswer(rest) {
  if (rest === '') return ok({ matching: true, items: [policy, { ...policy, code: 'x2', title: '育儿补贴', outcome: 'unmatched', amount: '', why: '需要有三周岁以下的孩子。' }] })
  if (rest === 'benefits') return ok({ items: [benefit] })
  if (rest === 'benefits/b1') return ok({ ...benefit, known_account: '示范银行 尾号 0001', reasons: ['年满八十周岁'], steps: [{ at: at(86400), name: '比对发现', words: '' }] })
  if (rest === 'data-used') return ok({ items: [{ label: '年龄', value: '83 周岁', source: '实名认证信息', as_of: at(60), policies: ['高龄津贴'], bases: ['《中华人民共和国个人信息保护法》第十三条'] }] })
  const reasons = [{ words: '年满八十周岁', clause: '第一条', result: true, looked: [['年龄', '83 周岁']], change: '' }]
  return ok({ ...policy, audience: ['个人'], valid_from: '2026-01-01', valid_to: null, source: '《高龄津贴发放办法》', sample: true, clauses: [{ ref: '第一条', text: '按月发放。' }], reasons, commitment: '', publicity_days: 0, major: true, contact: '12345', version: 1 })
}

/** A session of a person with this level, as a device remembers it. */
export const sessionOf = (level) => ({ ...tokens, level, person: { ...person, level } })

/** The answer to one request; a real gateway's place in the tests. */
export function answer(method, path, query, body, token) {
  const place = path.replace('/api/v1', '')
  const found = open(place, query)
  if (found) return found
  if (method === 'POST' && place === '/citizen/sessions/wechat') {
    return body.code && body.device?.platform === 'mp-weixin' ? ok({ ...tokens, level: 0, person: { ...person, level: 0, name: null } }, 201) : refuse(400, 'request.invalid', '请求不完整。')
  }
  if (token !== 'access-1') return refuse(401, 'identity.session_missing', '请先登录。')
  if (method === 'POST' && place === '/citizen/sessions/wechat-phone') return ok(tokens)
  if (method === 'POST' && (place === '/citizen/presentations/codes' || place === `/citizen/borrowed/${loan.id}/codes`)) return ok(shownCode, 201)
  if (method === 'POST' && place === '/citizen/presentations/codes/state') return ok({ state: 'live' })
  return personal(place) ?? refuse(404, 'gateway.not_found', '没有这个地址。')
}

export const known = { item: items[0].id, licence: 'l1', uscc, resource: resources[0].address_code, loan: loan.id, member: member.id, copy, benefit: benefit.id }
