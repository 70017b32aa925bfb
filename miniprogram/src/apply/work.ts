import { computed, reactive, ref, shallowRef } from 'vue'
import type { Delivery, Draft, Provenance } from '@/api/caseTypes'
import { api } from '@/api/client'
import { asProblem, Problem } from '@/api/problem'
import { Filling } from './form/filling'
import type { Value, Values } from './form/types'

/**
 * The draft that is being filled in. What is typed is sent a moment later and is on every other device
 * from then on; without a network it is kept here and sent when there is one. All changes go one after
 * the other, each on the version that the one before left.
 */
export type Saving = 'saved' | 'waiting' | 'saving' | 'offline' | 'conflict' | 'refused'

const WAIT_MS = 700
const RETRY_MS = 5000


const draft = shallowRef<Draft | null>(null)
const values = ref<Values>({})
const saving = ref<Saving>('saved')
const problem = shallowRef<Problem | null>(null)
/** Where values that were edited had come from. */
const former = reactive<Record<string, Provenance>>({})

const unsaved = new Set<string>()
let extra: { contact_phone?: string; result_delivery?: Delivery } = {}
let timer: ReturnType<typeof setTimeout> | undefined
let queue: Promise<unknown> = Promise.resolve()
/** Grows with every draft that is opened: an answer about an earlier one is dropped. */
let turn = 0

const filling = computed(() => (draft.value?.form ? new Filling(draft.value.form) : null))
const counted = computed<Values>(() => filling.value?.counted(values.value) ?? {})
const mistakes = computed(() => filling.value?.mistakes(counted.value) ?? [])
/** What is lacking beside the form. */
const lacking = computed(() => (draft.value?.mistakes ?? []).filter((one) => /^\/(materials|result_delivery)\//.test(one.pointer)))

const path = (rest = '') => `/citizen/cases/drafts/${encodeURIComponent(draft.value?.id ?? '')}${rest}`

/** Take over an answer; what was typed meanwhile stays. */
function accept(answer: Draft): void {
  for (const [pointer, one] of Object.entries(draft.value?.provenance ?? {})) {
    if (!(pointer in answer.provenance)) former[pointer] = one
  }
  for (const pointer of Object.keys(answer.provenance)) delete former[pointer]
  draft.value = answer
}

/** Begin with a draft that was just opened or read. */
function begin(opened: Draft): void {
  turn += 1
  clearTimeout(timer)
  unsaved.clear()
  extra = {}
  for (const pointer of Object.keys(former)) delete former[pointer]
  draft.value = opened
  values.value = { ...opened.values }
  saving.value = 'saved'
  problem.value = null
}

async function open(id: string): Promise<void> {
  if (draft.value?.id === id && unsaved.size > 0) return
  begin(await api.get<Draft>(`/citizen/cases/drafts/${encodeURIComponent(id)}`))
}

/** Read it anew, as another device left it. What was typed here and not sent is lost, and that was said. */
async function reload(): Promise<void> {
  if (draft.value) begin(await api.get<Draft>(path()))
}

function set(name: string, value: Value): void {
  values.value = { ...values.value, [name]: value }
  unsaved.add(name)
  later()
}

function setPhone(phone: string): void {
  extra = { ...extra, contact_phone: phone }
  later()
}

function setDelivery(delivery: Delivery): void {
  extra = { ...extra, result_delivery: delivery }
  if (draft.value) draft.value = { ...draft.value, result_delivery: delivery }
  later()
}

function later(wait: number = WAIT_MS): void {
  if (saving.value === 'conflict') return
  saving.value = 'waiting'
  clearTimeout(timer)
  timer = setTimeout(() => void flush().catch(() => undefined), wait)
}

function dirty(): boolean {
  return unsaved.size > 0 || Object.keys(extra).length > 0
}

/** Send what has not been sent. */
function flush(): Promise<void> {
  clearTimeout(timer)
  return inTurn(send)
}

async function send(): Promise<void> {
  if (!draft.value || !dirty()) return
  const mine = turn
  const names = [...unsaved]
  const also = extra
  const sent: Values = Object.fromEntries(names.map((name) => [name, plain(values.value[name])]))
  unsaved.clear()
  extra = {}
  saving.value = 'saving'
  try {
    const answer = await api.patch<Draft>(path(), { version: draft.value.version, values: sent, ...also })
    if (mine !== turn) return
    accept(answer)
    problem.value = null
    saving.value = dirty() ? 'waiting' : 'saved'
  } catch (thrown) {
    if (mine !== turn) return
    for (const name of names) unsaved.add(name)
    extra = { ...also, ...extra }
    failed(asProblem(thrown))
    throw thrown
  }
}

function failed(found: Problem): void {
  problem.value = found
  if (found.code === 'cases.draft_changed') saving.value = 'conflict'
  else if (found.offline || found.status >= 500 || found.status === 429) {
    later(RETRY_MS)
    saving.value = 'offline'
  } else saving.value = 'refused'
}

/** A field that was emptied is taken away. */
function plain(value: Value): Value {
  return value === '' || value === undefined ? null : value
}

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const next = queue.then(task, task)
  queue = next.catch(() => undefined)
  return next
}

/** Something that changes the draft and answers with it; what was typed goes first. */
function change(ask: (version: number) => Promise<Draft>): Promise<void> {
  return inTurn(async () => {
    await send()
    const mine = turn
    const answer = await ask(draft.value?.version ?? 0)
    if (mine === turn) accept(answer)
  })
}

function supply(code: string, body: { how: string; licence_id?: string; due_on?: string; agreed?: string }): Promise<void> {
  return change((version) => api.put<Draft>(path(`/materials/${code}`), { version, ...body }))
}

function upload(code: string, file: { name: string; content: string }): Promise<void> {
  return change(async () => (await api.post<{ draft: Draft }>(path(`/materials/${code}/files`), file, { timeout: 60_000 })).draft)
}

function removeFile(code: string, id: string): Promise<void> {
  return change(async () => {
    await api.delete(path(`/materials/${code}/files/${id}`))
    return api.get<Draft>(path())
  })
}

/** Send everything, then hand over to whatever submits the version that is there now. */
function submit<T>(ask: (current: Draft) => Promise<T>): Promise<T> {
  return inTurn(async () => {
    await send()
    if (!draft.value) throw new Problem({ status: 404, code: 'cases.draft_unknown' })
    return ask(draft.value)
  })
}

/** The draft is a case now, or gone. */
function end(): void {
  turn += 1
  clearTimeout(timer)
  unsaved.clear()
  extra = {}
  draft.value = null
  values.value = {}
  saving.value = 'saved'
}

export function useWork() {
  return { draft, values, saving, problem, former, filling, counted, mistakes, lacking, begin, open, reload, set, setPhone, setDelivery, flush, supply, upload, removeFile, submit, end }
}
