/** SM2 signatures with SM3: GB/T 32918.2 over the curve of GB/T 32918.5, digest of GB/T 32905. */

import { weierstrass } from '@noble/curves/abstract/weierstrass'
import { Field } from '@noble/curves/abstract/modular'
import { sha256 } from '@noble/hashes/sha2'
import { joinedBytes, numberOf, utf8 } from './bytes'

const hex = (text: string): bigint => BigInt('0x' + text)
const P = hex('fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff')
const A = hex('fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc')
const B = hex('28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93')
const N = hex('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123')
const GX = hex('32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7')
const GY = hex('bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0')
// The hash is not used: only the arithmetic of the curve is.
const curve = weierstrass({ Fp: Field(P), a: A, b: B, n: N, Gx: GX, Gy: GY, h: 1n, hash: sha256 })
const Point = curve.ProjectivePoint
const USER = utf8('1234567812345678')

const bytesOf = (value: bigint): Uint8Array =>
  Uint8Array.from(value.toString(16).padStart(64, '0').match(/../g)!, (pair) => parseInt(pair, 16))

export function isOnCurve(x: Uint8Array, y: Uint8Array): boolean {
  try {
    Point.fromAffine({ x: numberOf(x), y: numberOf(y) }).assertValidity()
    return true
  } catch {
    return false
  }
}

export function verifySm2(x: Uint8Array, y: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const [r, s] = [numberOf(signature.slice(0, 32)), numberOf(signature.slice(32))]
  if (r <= 0n || r >= N || s <= 0n || s >= N) return false
  const t = (r + s) % N
  if (t === 0n) return false
  const bits = Uint8Array.of((USER.length * 8) >> 8, (USER.length * 8) & 0xff)
  const z = sm3(joinedBytes(bits, USER, ...[A, B, GX, GY].map(bytesOf), x, y))
  const e = numberOf(sm3(joinedBytes(z, message)))
  const key = Point.fromAffine({ x: numberOf(x), y: numberOf(y) })
  const point = Point.BASE.multiplyUnsafe(s).add(key.multiplyUnsafe(t))
  if (point.equals(Point.ZERO)) return false
  return (e + point.toAffine().x) % N === r
}

const turned = (word: number, by: number): number => (word << by % 32) | (word >>> (32 - (by % 32)) % 32)
const p0 = (word: number): number => word ^ turned(word, 9) ^ turned(word, 17)
const p1 = (word: number): number => word ^ turned(word, 15) ^ turned(word, 23)
const START = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
]

export function sm3(message: Uint8Array): Uint8Array {
  const length = Math.ceil((message.length + 9) / 64) * 64
  const padded = new Uint8Array(length)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(length - 4, message.length * 8)
  view.setUint32(length - 8, Math.floor((message.length * 8) / 2 ** 32))
  let state = [...START]
  for (let block = 0; block < length; block += 64) state = compressed(state, view, block)
  const out = new DataView(new ArrayBuffer(32))
  state.forEach((word, place) => out.setUint32(place * 4, word))
  return new Uint8Array(out.buffer)
}

function compressed(state: number[], view: DataView, block: number): number[] {
  const w: number[] = []
  for (let j = 0; j < 16; j++) w.push(view.getUint32(block + j * 4))
  for (let j = 16; j < 68; j++) {
    w.push(p1(w[j - 16] ^ w[j - 9] ^ turned(w[j - 3], 15)) ^ turned(w[j - 13], 7) ^ w[j - 6])
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let j = 0; j < 64; j++) {
    const constant = j < 16 ? 0x79cc4519 : 0x7a879d8a
    const ss1 = turned((turned(a, 12) + e + turned(constant, j)) | 0, 7)
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
    const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g)
    const tt1 = (ff + d + (ss1 ^ turned(a, 12)) + (w[j] ^ w[j + 4])) | 0
    const tt2 = (gg + h + ss1 + w[j]) | 0
    ;[d, c, b, a] = [c, turned(b, 9), a, tt1]
    ;[h, g, f, e] = [g, turned(f, 19), e, p0(tt2)]
  }
  return [a, b, c, d, e, f, g, h].map((word, place) => word ^ state[place])
}
