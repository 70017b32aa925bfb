/**
 * QR codes (ISO/IEC 18004, model 2) of texts up to some 660 bytes, or 970 characters of those that the
 * alphanumeric mode holds; error correction M. Small enough to stand in the main package; needs no
 * canvas, which differs between the platforms.
 */
import { utf8 } from './bytes'

const MOST_VERSION = 20
/** Check bytes in each block and number of blocks at level M, by version from 1. */
const CHECK = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26]
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]
const LEVEL_M = 0
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'

type Grid = boolean[][]

/** What a code holds: how it is written, how many characters, and the bits of them. */
interface Content {
  mode: 2 | 4
  count: number
  bits: number[]
}

function put(bits: number[], value: number, length: number): void {
  for (let at = length - 1; at >= 0; at -= 1) bits.push((value >>> at) & 1)
}

function contentOf(text: string): Content {
  const bits: number[] = []
  if (text !== '' && [...text].every((char) => ALPHABET.includes(char))) {
    for (let at = 0; at < text.length; at += 2) {
      const [first, second] = [ALPHABET.indexOf(text[at]), ALPHABET.indexOf(text[at + 1] ?? ' ')]
      if (at + 1 < text.length) put(bits, first * 45 + second, 11)
      else put(bits, first, 6)
    }
    return { mode: 2, count: text.length, bits }
  }
  const bytes = utf8(text)
  bytes.forEach((byte) => put(bits, byte, 8))
  return { mode: 4, count: bytes.length, bits }
}

function rawBytes(version: number): number {
  let modules = (16 * version + 128) * version + 64
  if (version >= 2) {
    const aligned = Math.floor(version / 7) + 2
    modules -= (25 * aligned - 10) * aligned - 55
    if (version >= 7) modules -= 36
  }
  return Math.floor(modules / 8)
}

const dataBytes = (version: number): number => rawBytes(version) - CHECK[version - 1] * BLOCKS[version - 1]
const countBits = (mode: 2 | 4, version: number): number => (mode === 2 ? (version < 10 ? 9 : 11) : version < 10 ? 8 : 16)

function versionFor(content: Content): number {
  for (let version = 1; version <= MOST_VERSION; version += 1) {
    if (4 + countBits(content.mode, version) + content.bits.length <= dataBytes(version) * 8) return version
  }
  throw new RangeError('the text is too long for a QR code')
}

// ---------------------------------------------------------------- Reed-Solomon over GF(2^8), 0x11D

function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

function divisor(degree: number): number[] {
  const result = Array<number>(degree - 1).fill(0).concat(1)
  let root = 1
  for (let step = 0; step < degree; step += 1) {
    for (let at = 0; at < degree; at += 1) {
      result[at] = times(result[at], root)
      if (at + 1 < degree) result[at] ^= result[at + 1]
    }
    root = times(root, 2)
  }
  return result
}

function remainder(data: number[], by: number[]): number[] {
  const result = by.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ (result.shift() ?? 0)
    result.push(0)
    by.forEach((coefficient, at) => (result[at] ^= times(coefficient, factor)))
  }
  return result
}

// ---------------------------------------------------------------- code words

function filled(content: Content, version: number): number[] {
  const bits: number[] = []
  put(bits, content.mode, 4)
  put(bits, content.count, countBits(content.mode, version))
  for (const bit of content.bits) bits.push(bit)
  const room = dataBytes(version) * 8
  put(bits, 0, Math.min(4, room - bits.length))
  put(bits, 0, (8 - (bits.length % 8)) % 8)
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) put(bits, pad, 8)
  const words: number[] = []
  for (let at = 0; at < bits.length; at += 8) words.push(parseInt(bits.slice(at, at + 8).join(''), 2))
  return words
}

/** Blocks with their check bytes, woven into each other. */
function woven(words: number[], version: number): number[] {
  const [blocks, check, raw] = [BLOCKS[version - 1], CHECK[version - 1], rawBytes(version)]
  const short = blocks - (raw % blocks)
  const shortData = Math.floor(raw / blocks) - check
  const by = divisor(check)
  const data: number[][] = []
  for (let number = 0, at = 0; number < blocks; number += 1) {
    const length = shortData + (number < short ? 0 : 1)
    data.push(words.slice(at, at + length))
    at += length
  }
  const checks = data.map((block) => remainder(block, by))
  const result: number[] = []
  for (let at = 0; at <= shortData; at += 1) for (const block of data) if (at < block.length) result.push(block[at])
  for (let at = 0; at < check; at += 1) for (const block of checks) result.push(block[at])
  return result
}

// ---------------------------------------------------------------- the picture

function alignments(version: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2
  const places = [6]
  for (let place = version * 4 + 10; places.length < count; place -= step) places.splice(1, 0, place)
  return places
}

class Drawing {
  readonly size: number
  readonly dark: Grid
  readonly fixed: Grid

  constructor(readonly version: number) {
    this.size = version * 4 + 17
    const empty = (): Grid => Array.from({ length: this.size }, () => Array<boolean>(this.size).fill(false))
    this.dark = empty()
    this.fixed = empty()
    this.frame()
  }

  private set(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return
    this.dark[y][x] = dark
    this.fixed[y][x] = true
  }

  private frame(): void {
    const { size, version } = this
    for (let at = 0; at < size; at += 1) {
      this.set(6, at, at % 2 === 0)
      this.set(at, 6, at % 2 === 0)
    }
    for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) this.rings(x, y, 4, [2, 4])
    const places = alignments(version)
    const last = places.length - 1
    places.forEach((x, i) =>
      places.forEach((y, j) => {
        const finder = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)
        if (!finder) this.rings(x, y, 2, [1])
      }),
    )
    this.format(0)
    if (version >= 7) this.named()
  }

  /** Squares around a place; those in `light` at a distance stay light. */
  private rings(x: number, y: number, far: number, light: number[]): void {
    for (let dy = -far; dy <= far; dy += 1) {
      for (let dx = -far; dx <= far; dx += 1) {
        this.set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))))
      }
    }
  }

  private format(mask: number): void {
    const data = (LEVEL_M << 3) | mask
    let rest = data
    for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
    const bits = ((data << 10) | rest) ^ 0x5412
    const bit = (at: number) => ((bits >>> at) & 1) === 1
    const { size } = this
    for (let at = 0; at <= 5; at += 1) this.set(8, at, bit(at))
    this.set(8, 7, bit(6))
    this.set(8, 8, bit(7))
    this.set(7, 8, bit(8))
    for (let at = 9; at < 15; at += 1) this.set(14 - at, 8, bit(at))
    for (let at = 0; at < 8; at += 1) this.set(size - 1 - at, 8, bit(at))
    for (let at = 8; at < 15; at += 1) this.set(8, size - 15 + at, bit(at))
    this.set(8, size - 8, true)
  }

  /** The version in two corners. */
  private named(): void {
    let rest = this.version
    for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25)
    const bits = (this.version << 12) | rest
    for (let at = 0; at < 18; at += 1) {
      const [far, near] = [this.size - 11 + (at % 3), Math.floor(at / 3)]
      this.set(far, near, ((bits >>> at) & 1) === 1)
      this.set(near, far, ((bits >>> at) & 1) === 1)
    }
  }

  /** Two columns at a time, up and down, from the right. */
  fill(words: number[]): void {
    let at = 0
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5
      for (let step = 0; step < this.size; step += 1) {
        const y = ((right + 1) & 2) === 0 ? this.size - 1 - step : step
        for (const x of [right, right - 1]) {
          if (this.fixed[y][x] || at >= words.length * 8) continue
          this.dark[y][x] = ((words[at >>> 3] >>> (7 - (at & 7))) & 1) === 1
          at += 1
        }
      }
    }
  }

  /** Turn over what a mask says; a second time undoes it. */
  mask(number: number): void {
    const turned = MASKS[number]
    for (let y = 0; y < this.size; y += 1) {
      for (let x = 0; x < this.size; x += 1) {
        if (!this.fixed[y][x] && turned(x, y)) this.dark[y][x] = !this.dark[y][x]
      }
    }
    this.format(number)
  }
}

const MASKS: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

/** How hard a picture is to read: long runs, blocks, what looks like a corner, too much of one shade. */
function penalty(dark: Grid): number {
  const size = dark.length
  let result = 0
  let count = 0
  for (let y = 0; y < size; y += 1) {
    const [row, column] = [0, 1].map((turn) => dark.map((_, x) => ((turn ? dark[x][y] : dark[y][x]) ? '1' : '0')).join(''))
    for (const line of [row, column]) {
      for (const run of line.match(/0{5,}|1{5,}/g) ?? []) result += run.length - 2
      result += 40 * ((line.match(/(?=00001011101|10111010000)/g) ?? []).length)
    }
    for (let x = 0; x < size; x += 1) {
      if (dark[y][x]) count += 1
      if (x + 1 === size || y + 1 === size) continue
      const one = dark[y][x]
      if (one === dark[y][x + 1] && one === dark[y + 1][x] && one === dark[y + 1][x + 1]) result += 3
    }
  }
  return result + 10 * Math.floor(Math.abs((count * 20) / (size * size) - 10))
}

/** Which squares of the code of a text are dark, row by row, without the light margin. */
export function qrGrid(text: string): Grid {
  const content = contentOf(text)
  const version = versionFor(content)
  const drawing = new Drawing(version)
  drawing.fill(woven(filled(content, version), version))
  let [best, least] = [0, Infinity]
  for (let number = 0; number < MASKS.length; number += 1) {
    drawing.mask(number)
    const found = penalty(drawing.dark)
    if (found < least) [best, least] = [number, found]
    drawing.mask(number)
  }
  drawing.mask(best)
  return drawing.dark
}

/** The other two squares of the light margin are the card around the picture. */
const MARGIN = 2

/** The code of a text as a picture for an <image>, dark on white. */
export function qrPicture(text: string): string {
  const grid = qrGrid(text)
  const side = grid.length + 2 * MARGIN
  let path = ''
  grid.forEach((row, y) => {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue
      let end = x
      while (row[end + 1]) end += 1
      path += `M${x + MARGIN} ${y + MARGIN}h${end - x + 1}v1H${x + MARGIN}z`
      x = end
    }
  })
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side * 8}" height="${side * 8}" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<rect width="${side}" height="${side}" fill="#fff"/><path d="${path}"/></svg>`
  // All of it is ASCII. WeChat takes pictures of this kind in base64 only.
  const bytes = Uint8Array.from(svg, (char) => char.charCodeAt(0))
  return `data:image/svg+xml;base64,${uni.arrayBufferToBase64(bytes.buffer)}`
}
