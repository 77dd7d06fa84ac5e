// The line at the foot of a terminal that is rewritten while something goes on. On anything but a terminal there is none.
import type { WriteStream } from 'node:tty';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
export const CLEAR_LINE = '\r\u001b[K';
/** With wrapping off the terminal itself cuts the line, whatever the width of its characters: no rest is left behind. */
const [NO_WRAP, WRAP] = ['\u001b[?7l', '\u001b[?7h'];

export type LiveLine = {
  /** Asked for at each frame, so that times in it run; undefined or empty: no line. */
  show(text: () => string | undefined): void;
  /** Prints something above the line. */
  above(print: () => void): void;
  stop(): void;
};

export function liveLine(stream: WriteStream, enabled: boolean): LiveLine {
  return enabled && stream.isTTY ? rewriting(stream) : { show: () => {}, above: (print) => print(), stop: () => {} };
}

function rewriting(stream: WriteStream): LiveLine {
  let frame = 0;
  let text: () => string | undefined = () => undefined;
  let shown = false;
  const clear = (): void => {
    if (shown) stream.write(CLEAR_LINE);
    shown = false;
  };
  const draw = (): void => {
    const line = text();
    if (line === undefined || line === '') return clear();
    frame = (frame + 1) % FRAMES.length;
    stream.write(`${CLEAR_LINE}${NO_WRAP}${FRAMES[frame]} ${line}${WRAP}`);
    shown = true;
  };
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  return {
    show(next) {
      text = next;
      draw();
    },
    above(print) {
      clear();
      print();
      draw();
    },
    stop() {
      clearInterval(timer);
      clear();
      text = () => undefined;
    },
  };
}
