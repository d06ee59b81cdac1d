// A page to look at: fitted, zoomed to a box, dragged, wheeled and turned. Places are pixels of the upright page.
import { element } from "./dom.js";

const STEP = 1.25;
const CLOSEST = 4;

export class Viewer {
  #frame; #stage; #lit; #size = { width: 1, height: 1 };
  #at = { x: 0, y: 0 }; #scale = 1; #angle = 0;

  constructor(frame) {
    this.#frame = frame;
    this.#lit = element("div", { class: "lit", hidden: true });
    this.#stage = element("div", { class: "stage" });
    frame.replaceChildren(this.#stage);
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.#grab(event));
    new ResizeObserver(() => this.#place()).observe(frame);
  }

  show(image, page) {
    this.#size = { width: page.width_px, height: page.height_px };
    this.#stage.style.width = `${page.width_px}px`;
    this.#stage.style.height = `${page.height_px}px`;
    this.#stage.replaceChildren(image, this.#lit);
    this.#lit.hidden = true;
    this.#angle = 0;
    this.whole();
  }

  // The lines as text over the image, to be selected and copied.
  text(lines) {
    const spans = lines.map(({ text, box }) => {
      const [[left, top], [right], , [, bottom]] = box;
      const span = element("span", { class: "line" }, text);
      Object.assign(span.style, { left: `${left}px`, top: `${top}px`, height: `${bottom - top}px`, fontSize: `${(bottom - top) * 0.8}px` });
      span.dataset.width = right - left;
      return span;
    });
    this.#stage.append(...spans);
    for (const span of spans) span.style.transform = `scaleX(${span.dataset.width / Math.max(1, span.offsetWidth)})`;
  }

  // Places with a frame around each.
  outline(boxes) {
    for (const [[left, top], , [right, bottom]] of boxes) {
      const frame = element("div", { class: "found" });
      Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
      this.#stage.append(frame);
    }
  }

  clear() {
    this.#stage.replaceChildren();
  }

  whole() {
    const { width, height } = this.#turnedSize();
    this.#at = { x: this.#size.width / 2, y: this.#size.height / 2 };
    this.#scale = Math.min(this.#frame.clientWidth / width, this.#frame.clientHeight / height) * 0.98;
    this.#place();
  }

  // Light a box and come close enough to read it, with what stands around it still in sight.
  light(box) {
    this.#lit.hidden = !box;
    if (!box) return this.whole();
    const xs = box.map(([x]) => x), ys = box.map(([, y]) => y);
    const left = Math.min(...xs), top = Math.min(...ys);
    const width = Math.max(...xs) - left, height = Math.max(...ys) - top;
    const around = Math.min(14, Math.max(4, height * 0.25));
    Object.assign(this.#lit.style, {
      left: `${left - around}px`, top: `${top - around}px`,
      width: `${width + 2 * around}px`, height: `${height + 2 * around}px`,
    });
    const { clientWidth, clientHeight } = this.#frame;
    this.whole();
    const close = Math.min((clientWidth * 0.8) / width, (clientHeight * 0.45) / height, Math.max(46 / Math.min(height, 46), 1.5));
    this.#scale = Math.max(this.#scale, Math.min(close, CLOSEST));
    this.#at = { x: left + width / 2, y: top + height / 2 };
    this.#place();
  }

  closer(factor = STEP) {
    this.#scale = Math.min(CLOSEST * 2, Math.max(0.02, this.#scale * factor));
    this.#place();
  }

  farther() {
    this.closer(1 / STEP);
  }

  turn() {
    this.#angle = (this.#angle + 90) % 360;
    this.whole();
  }

  move(dx, dy) {
    const turned = (-this.#angle * Math.PI) / 180;
    this.#at.x -= (dx * Math.cos(turned) - dy * Math.sin(turned)) / this.#scale;
    this.#at.y -= (dx * Math.sin(turned) + dy * Math.cos(turned)) / this.#scale;
    this.#place();
  }

  #turnedSize() {
    const { width, height } = this.#size;
    return this.#angle % 180 ? { width: height, height: width } : { width, height };
  }

  #place() {
    const { clientWidth, clientHeight } = this.#frame;
    this.#stage.style.transform =
      `translate(${clientWidth / 2}px, ${clientHeight / 2}px) rotate(${this.#angle}deg) ` +
      `scale(${this.#scale}) translate(${-this.#at.x}px, ${-this.#at.y}px)`;
    this.#stage.style.setProperty("--edge", `${2 / this.#scale}px`);
  }

  #wheel(event) {
    event.preventDefault();
    this.closer(event.deltaY < 0 ? STEP : 1 / STEP);
  }

  #grab(event) {
    if (event.button !== 0 || event.target.classList.contains("line")) return;
    this.#frame.setPointerCapture(event.pointerId);
    const drag = (moved) => this.move(moved.movementX, moved.movementY);
    this.#frame.addEventListener("pointermove", drag);
    this.#frame.addEventListener("pointerup", () => this.#frame.removeEventListener("pointermove", drag), { once: true });
  }
}

export function pageImage(documentId, pageNo, alt) {
  const image = new Image();
  image.draggable = false;
  image.alt = alt;
  image.src = `/api/v1/documents/${documentId}/pages/${pageNo}/image`;
  return image;
}
