import jsQR from 'jsqr'
import { describe, expect, test } from 'vitest'
import { qrGrid, qrPicture } from '@/lib/qr'

/** Read a grid as a camera would, eight pixels to a square. */
function read(text: string): string | undefined {
  const grid = qrGrid(text)
  const [scale, margin] = [4, 4]
  const side = (grid.length + 2 * margin) * scale
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255)
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const dark = grid[Math.floor(y / scale) - margin]?.[Math.floor(x / scale) - margin]
      if (dark) pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3)
    }
  }
  return jsQR(pixels, side, side)?.data
}

describe('QR codes', () => {
  test('the address of a shown licence is read as it was written', () => {
    const text = 'https://gov.example.cn/verify#c=7H3K5QZ2M4XW6TJA8NRB9CVD2E'
    expect(read(text)).toBe(text)
  })

  test.each([1, 14, 15, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 660])(
    '%i bytes, up to the largest version',
    (length) => {
      const text = Array.from({ length }, (_, at) => String.fromCharCode(33 + ((at * 7) % 90))).join('')
      expect(read(text)).toBe(text)
    },
  )

  test.each([1, 2, 479, 480, 717, 970])('%i characters of the alphanumeric mode', (length) => {
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
    const text = Array.from({ length }, (_, at) => alphabet[(at * 7 + 1) % 45]).join('')
    expect(read(text)).toBe(text)
  })

  test('Chinese is written as UTF-8', () => {
    expect(read('证照')).toBe('证照')
  })

  test('what does not fit is refused', () => {
    expect(() => qrGrid('x'.repeat(700))).toThrow(RangeError)
  })

  test('the picture has a margin and names no host but the namespace', () => {
    const svg = Buffer.from(qrPicture('A').split(',')[1], 'base64').toString()
    expect(svg).toContain('viewBox="0 0 25 25"')
    expect(svg.match(/https?:/g)).toHaveLength(1)
  })
})
