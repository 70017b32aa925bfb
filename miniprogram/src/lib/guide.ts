import type { ItemCard, ItemDetail } from '@/api/types'

/** A service item's elements (GB/T 39554.2 names) as a person reads them, each part possibly empty. */
export interface GuideMaterial {
  name: string
  /** “原件 1 份”. */
  form: string
  tags: string[]
  notes: string[]
}

export interface GuideFee {
  name: string
  stand: string
  reduction: string
}

export interface Guide {
  who: string[]
  materials: GuideMaterial[]
  promise: string
  statutory: string
  timeNotes: string[]
  free: boolean
  fees: GuideFee[]
  feeNotes: string[]
  address: string
  openTime: string
  ways: string[]
  visits: number
  visitReason: string
  conveniences: string[]
  flow: { name: string; text: string }[]
  faqs: { question: string; answer: string }[]
  result: string
  resultSample: string
  laws: string[]
  consult: string
  supervise: string
  link: string
  office: string
  code: string
  kind: string
}

type Fields = Record<string, unknown>

function text(value: unknown): string {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' ? String(value) : ''
}

/** A list of texts, whether the element came as one text or as several. */
export function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.map(text).filter((one) => one !== '')
}

function objects(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter((one): one is Fields => typeof one === 'object' && one !== null) : []
}

function holds(value: unknown): boolean {
  return value === true || value === '1' || value === 1
}

const NEEDS: Record<string, string> = { 非必要: '视情况提供', 容缺后补: '可以后补' }

function material(one: Fields): GuideMaterial {
  const tags: string[] = []
  const shared = holds(one.exempt_by_share)
  if (shared) tags.push('免提交')
  else if (text(one.licence_type_code)) tags.push('可用电子证照')
  const need = NEEDS[text(one.is_need)]
  if (need) tags.push(need)
  const pages = Number(one.page_num)
  const form = [text(one.material_type), pages > 0 ? `${pages} 份` : '', text(one.material_format)].filter(Boolean)
  const from = text(one.source_explain) || text(one.source_type)
  const origin = shared ? '由部门共享的数据核对，不用交' : from ? `来源：${from}` : ''
  return {
    name: text(one.material_name),
    form: shared ? '' : form.join(' · '),
    tags,
    notes: [origin, shared ? '' : text(one.accept_stand), text(one.fill_explain)].filter(Boolean),
  }
}

function fee(one: Fields): GuideFee {
  return {
    name: text(one.fee_name) || '费用',
    stand: text(one.fee_stand),
    reduction: holds(one.is_desc) ? text(one.desc_explain) || '符合条件可以减免' : '',
  }
}

function conveniences(fields: Fields): string[] {
  return [
    holds(fields.is_schedule) ? '可以预约' : '',
    holds(fields.is_express) ? '可以邮寄' : '',
    holds(fields.is_service_terminals) ? '有自助机' : '',
    holds(fields.is_entry_center) ? '政务大厅可办' : '',
    text(fields.handle_area),
  ].filter(Boolean)
}

/** Read the elements of an item. What is missing stays empty and is not shown. */
export function readGuide(item: ItemDetail): Guide {
  const fields = item.elements as Fields
  const fees = objects(fields.fees).map(fee)
  return {
    who: texts(fields.accept_condition),
    materials: objects(fields.materials).map(material).filter((one) => one.name !== ''),
    promise: text(fields.promise_text) || item.promise,
    statutory: text(fields.anticipate_text),
    timeNotes: [...texts(fields.promise_explain), ...texts(fields.special_procedure)],
    free: fees.length === 0 && !item.fee,
    fees,
    feeNotes: [
      fees.length > 0 && holds(fields.is_pay_online) ? '可以网上缴费' : '',
      text(fields.fee_basis) ? `依据：${text(fields.fee_basis)}` : '',
    ].filter(Boolean),
    address: text(fields.transact_addr),
    openTime: text(fields.transact_time),
    ways: texts(fields.handle_type_names),
    visits: item.visits,
    visitReason: text(fields.limit_scene_explain),
    conveniences: conveniences(fields),
    flow: objects(fields.handle_flow)
      .map((one) => ({ name: text(one.stage), text: text(one.explain) }))
      .filter((one) => one.name !== ''),
    faqs: objects(fields.faqs)
      .map((one) => ({ question: text(one.question), answer: text(one.answer) }))
      .filter((one) => one.question !== ''),
    result: text(fields.result_name),
    resultSample: text(fields.result_sample),
    laws: texts(fields.by_law),
    consult: text(fields.link_way),
    supervise: text(fields.supervise_way),
    link: text(fields.link_addr),
    office: text(fields.dept_name) || item.department.name,
    code: item.task_code,
    kind: text(fields.task_type_name),
  }
}

/** Telephone numbers in a text such as “020-12345、12333（工作时间）”. */
export function phonesIn(words: string): string[] {
  const found = words.match(/(?:0\d{2,3}[-－ ]?)?\d{5,8}(?!\d)|1\d{10}(?!\d)/g) ?? []
  return [...new Set(found.map((one) => one.replace(/[－ ]/g, '-')))]
}

/** “全程网办” when nobody has to come, “可网上办” when a part of it is done online, else empty. */
export function onlineText(item: Pick<ItemCard, 'online' | 'visits'>): string {
  if (!item.online) return ''
  return item.visits === 0 ? '全程网办' : '可网上办'
}

/** How often one has to come: “不用跑”, “最多跑 1 次”. */
export function visitsText(visits: number): string {
  return visits > 0 ? `最多跑 ${visits} 次` : '不用跑'
}
