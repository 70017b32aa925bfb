/** The page: collects what was scanned or pasted, verifies, and says the result in words. */

import './style.css'
import { Refused } from './bytes'
import { scanOnLine } from './online'
import { isPiece, joined, readPiece } from './packing'
import { look, textInFile } from './scanning'
import { type Trust, load, refresh } from './trust'
import { verify } from './verify'
import { WORDS } from './words'

export type Verdict = 'valid' | 'refused' | 'waiting'
type Row = [string, string]

const part = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T
const text = part<HTMLTextAreaElement>('text')
const progress = part('progress')
const ICONS: Record<Verdict, string> = {
  valid: 'M5 12l5 5L20 7',
  refused: 'M6 6l12 12M18 6L6 18',
  waiting: 'M12 6v6l4 3',
}
let trust: Trust | null = load()
let stopCamera: (() => void) | null = null

function icon(verdict: Verdict): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const attributes = { fill: 'none', stroke: 'currentColor', 'stroke-width': '2', 'stroke-linecap': 'round' }
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value)
  const circle = document.createElementNS(space, 'circle')
  for (const [name, value] of Object.entries({ cx: '12', cy: '12', r: '11' })) circle.setAttribute(name, value)
  const path = document.createElementNS(space, 'path')
  path.setAttribute('d', ICONS[verdict])
  svg.append(circle, path)
  return svg
}

export function say(verdict: Verdict, title: string, words: string, rows: Row[] = [], reason = ''): void {
  const result = part('result')
  const heading = document.createElement('p')
  heading.className = 'verdict'
  heading.append(icon(verdict), title)
  const line = document.createElement('p')
  line.className = 'words'
  line.textContent = words
  const list = document.createElement('dl')
  for (const [name, value] of rows) {
    const [term, detail] = [document.createElement('dt'), document.createElement('dd')]
    term.textContent = name
    detail.textContent = value
    list.append(term, detail)
  }
  result.className = verdict
  result.dataset.reason = reason
  result.replaceChildren(heading, line, ...(rows.length > 0 ? [list] : []))
  result.hidden = false
}

const inBeijing = (moment: number): string =>
  new Date(moment * 1000).toLocaleString('zh-CN', { timeZone: 'Asia/Shanghai', hour12: false })

export const said = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? '是' : '否') : typeof value === 'string' ? value : JSON.stringify(value)

function lines(): string[] {
  return text.value.split(/\r?\n/).filter((line) => line.trim() !== '')
}

function presentation(): string {
  const found = lines()
  return found.some(isPiece) ? joined(found) : found.map((line) => line.trim()).join('')
}

function checkHere(): void {
  if (trust === null) return say('refused', '无法核验', '本机还没有公钥，请先联网更新。', [], 'no_keys')
  try {
    const now = Math.floor(Date.now() / 1000)
    const [audience, nonce] = ['who', 'nonce'].map((id) => part<HTMLInputElement>(id).value.trim() || null)
    const facts = verify(presentation(), trust.keys, trust.lists, { audience, nonce, now })
    const labels = trust.labels.get(facts.vct) ?? {}
    const shown = Object.entries(facts.shown).map(([name, value]): Row => [labels[name] ?? name, said(value)])
    say('valid', '有效', `${facts.typeName}，由${facts.authority}颁发。`, [
      ...shown,
      ['出示给', facts.audience],
      ['出示时间', inBeijing(facts.presentedAt)],
      ['证照信息截至', inBeijing(facts.asOf)],
      ['状态名单截至', inBeijing(facts.statusAsOf)],
    ])
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    say('refused', '不予采信', WORDS[error.reason] ?? WORDS.malformed, [], error.reason)
  }
}

const CODE = /^(?:.*#c=)?([A-Z2-7]{26})$/i
const codeIn = (): string | null => {
  const found = lines()
  return found.length === 1 ? (CODE.exec(found[0].trim().replace(/[-\s]/g, ''))?.[1].toUpperCase() ?? null) : null
}

/** Take one more scanned text in; true when nothing is missing any more. */
function take(scanned: string): boolean {
  if (!isPiece(scanned)) {
    text.value = scanned
    progress.textContent = '已识别'
    return true
  }
  try {
    const piece = readPiece(scanned)
    const before = lines().filter((line) => isPiece(line) && readPiece(line).mark === piece.mark)
    text.value = [...new Set([...before, scanned])].join('\n')
    const count = lines().length
    progress.textContent = `已扫到 ${count} / ${piece.of} 张`
    return count === piece.of
  } catch {
    progress.textContent = '这不是证照凭证的二维码'
    return false
  }
}

async function submit(): Promise<void> {
  const code = codeIn()
  if (lines().length === 0) return say('refused', '还没有内容', '请先扫码，或粘贴码或凭证内容。', [], 'empty')
  if (code === null) return checkHere()
  await scanOnLine(code, part<HTMLInputElement>('who').value.trim(), part<HTMLInputElement>('why').value.trim())
}

function showTrust(): void {
  const moments = trust ? [...trust.lists.values()].map((list) => list.issuedAt) : []
  const oldest = moments.length > 0 ? `，状态名单截至 ${inBeijing(Math.min(...moments))}，可离线使用一天` : ''
  part('trust-state').textContent = trust
    ? `已有 ${trust.keys.keys.size} 把公钥、${trust.lists.size} 份状态名单${oldest}。`
    : '本机还没有公钥，请先联网更新。'
}

part('form').addEventListener('submit', (event) => {
  event.preventDefault()
  void submit()
})
part('clear').addEventListener('click', () => {
  text.value = ''
  progress.textContent = ''
  part('result').hidden = true
  text.focus()
})
part('photo').addEventListener('change', async (event) => {
  const input = event.target as HTMLInputElement
  for (const file of input.files ?? []) {
    const found = await textInFile(file)
    if (found === null) progress.textContent = `没有在图片“${file.name}”里找到二维码`
    else take(found)
  }
  input.value = ''
})
part('camera').addEventListener('click', async () => {
  if (stopCamera !== null) {
    stopCamera()
    stopCamera = null
    return
  }
  try {
    stopCamera = await look(part<HTMLVideoElement>('view'), (found) => {
      const enough = take(found)
      if (enough) stopCamera = null
      return enough
    })
  } catch {
    progress.textContent = '打不开相机，请允许使用相机，或改用“从图片识别”。'
  }
})
part('refresh').addEventListener('click', async () => {
  part('trust-state').textContent = '正在更新…'
  try {
    trust = (await refresh()) ?? trust
    showTrust()
  } catch {
    showTrust()
    part('trust-state').textContent += ' 现在没有网络，暂时无法更新。'
  }
})
if (location.protocol === 'file:') part('save').hidden = true
const given = /#c=([A-Z2-7]{26})$/i.exec(location.hash)
if (given) {
  text.value = given[1].toUpperCase()
  // The code is worth one look and stays out of the history.
  history.replaceState(null, '', location.pathname)
  part('who').focus()
}
showTrust()
