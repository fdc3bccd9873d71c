"""Films whose frames carry their own number, as a strip of black and white at the top, and what reads it in a browser."""

import subprocess

RATE = 25
BITS, BLOCK = 16, 24  # of a number, the lowest first; pixels of a picture that is 768 wide

# What a page that plays a live view is watched by. `seen.frames`: frames of the video as they are seen; `seen.looks`: looks as they come, with
# the frame that is seen then; `seen.paints`: what is drawn over which frame; `seen.pictures`: pictures in place of video; `seen.bytes`: of video.
WATCH = """
const done = arguments[arguments.length - 1], bits = %d, block = %d;
Promise.all([import('/console/parts/live-video.js'), import('/console/parts/live-drawing.js'), import('/console/parts/live-view.js')])
.then(([{ LiveVideo }, { LiveDrawing }, { LiveView }]) => {
  const seen = window.seen = { frames: [], looks: [], paints: [], pictures: [], bytes: 0 };
  const strip = document.createElement('canvas');
  [strip.width, strip.height] = [bits, 1];
  const pen = strip.getContext('2d', { willReadFrequently: true });
  window.numberIn = (picture, width) => {
    const scale = width / 768;
    for (let i = 0; i < bits; i++) pen.drawImage(picture, (i + 0.3) * block * scale, block * scale * 0.3, block * scale * 0.4, block * scale * 0.4, i, 0, 1, 1);
    const data = pen.getImageData(0, 0, bits, 1).data;
    let number = 0;
    for (let i = 0; i < bits; i++) if (data[4 * i + 1] > 127) number |= 1 << i;
    return number;
  };
  const video = () => document.querySelector('.live-video');
  let frame = -1;
  const wrap = (type, name, before) => { const whole = type.prototype[name]; type.prototype[name] = function (...all) { before.apply(this, all); return whole.apply(this, all); }; };
  wrap(LiveVideo, 'show', function (time) { frame = numberIn(this.video, this.video.videoWidth); seen.frames.push({ number: frame, time, at: Date.now() }); });
  wrap(LiveVideo, 'look', function (look) { seen.looks.push({ offset: look.time_offset, time: look.video_time, frame, at: Date.now() }); });
  wrap(LiveVideo, 'add', function (bytes) { seen.bytes += bytes.byteLength; });
  wrap(LiveDrawing, 'paint', function (look) {
    if (look.video_time !== undefined) return seen.paints.push({ offset: look.time_offset, time: look.video_time, frame, at: Date.now() });
    const picture = document.querySelector('.live-picture');
    seen.pictures.push({ number: numberIn(picture, picture.width), at: Date.now() });
  });
  done(true);
}).catch((error) => done(String(error.stack)));
""" % (BITS, BLOCK)


def film(source, target, *, seconds, size=(768, 432), group=50):
    """Makes one of `source`, played over and over, as cameras code it: no picture refers to a later one, a key frame every `group`."""
    width, height = size
    block = BLOCK * width // 768
    number = f"nullsrc=s={BITS * block}x{block}:r={RATE},format=gray,geq=lum='255*mod(floor(N/pow(2\\,floor(X/{block})))\\,2)'"
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(source), "-filter_complex",
         f"[0:v]fps={RATE},scale={width}:{height},setsar=1[film];{number}[number];[film][number]overlay=0:0", "-t", str(seconds), "-an", "-c:v", "libx264",
         "-preset", "ultrafast", "-bf", "0", "-g", str(group), "-pix_fmt", "yuv420p", str(target)], check=True)
    return target
