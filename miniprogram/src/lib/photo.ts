import { Problem } from '@/api/problem'

/**
 * Photos for the face check in the browser. They are made small on the device, live in memory only,
 * and leave it as JPEG without the file's own data (place, camera).
 */
const LONGEST_SIDE = 1280
const QUALITY = 0.88

function readAsDataUrl(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(unreadable())
    reader.readAsDataURL(file)
  })
}

function unreadable(): Problem {
  return new Problem({ status: 415, code: 'client.photo_unreadable', detail: '这张图片打不开，请换一张 JPG 或 PNG 照片。' })
}

function loadImage(source: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image()
    image.onload = () => resolve(image)
    image.onerror = () => reject(unreadable())
    image.src = source
  })
}

function canvasOf(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (!context) throw unreadable()
  return [canvas, context]
}

/** Let the person take or choose a photo; null when they close the chooser. A JPEG data URL. */
export async function pickPhoto(): Promise<string | null> {
  const file = await new Promise<Blob | null>((resolve) => {
    uni.chooseImage({
      count: 1,
      sizeType: ['compressed'],
      sourceType: ['camera', 'album'],
      success: (answer) => {
        const files = (Array.isArray(answer.tempFiles) ? answer.tempFiles : [answer.tempFiles]) as unknown as Blob[]
        resolve(files[0] ?? null)
      },
      fail: () => resolve(null),
    })
  })
  return file ? shrink(await readAsDataUrl(file)) : null
}

async function shrink(source: string): Promise<string> {
  const image = await loadImage(source)
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight))
  const width = Math.max(1, Math.round(image.naturalWidth * scale))
  const height = Math.max(1, Math.round(image.naturalHeight * scale))
  const [canvas, context] = canvasOf(width, height)
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  context.drawImage(image, 0, 0, width, height)
  return canvas.toDataURL('image/jpeg', QUALITY)
}

/** A plain drawn face for the sandbox, where no real photo should be needed. */
export function demoFace(): string {
  const [canvas, context] = canvasOf(480, 480)
  const oval = (x: number, y: number, rx: number, ry: number, colour: string) => {
    context.fillStyle = colour
    context.beginPath()
    context.ellipse(x, y, rx, ry, 0, 0, Math.PI * 2)
    context.fill()
  }
  context.fillStyle = '#dfe8f6'
  context.fillRect(0, 0, 480, 480)
  oval(240, 500, 190, 150, '#4a6fa5')
  oval(240, 205, 112, 120, '#3a332e')
  oval(240, 240, 98, 122, '#f0cfb4')
  oval(203, 228, 9, 11, '#2b2622')
  oval(277, 228, 9, 11, '#2b2622')
  context.strokeStyle = '#a5654f'
  context.lineWidth = 6
  context.lineCap = 'round'
  context.beginPath()
  context.arc(240, 285, 34, 0.25 * Math.PI, 0.75 * Math.PI)
  context.stroke()
  return canvas.toDataURL('image/jpeg', QUALITY)
}
