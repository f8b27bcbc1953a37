import type { TestMedia } from './connectionTest';

/** A tone that nobody hears, and a picture that moves: no camera and no microphone is opened for a test. */
export function syntheticMedia(): TestMedia {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const brush = canvas.getContext('2d');
  let turn = 0;
  const draw = () => {
    turn += 1;
    if (!brush) return;
    for (let i = 0; i < 40; i++) {
      brush.fillStyle = `hsl(${(turn * 7 + i * 9) % 360} 60% 50%)`;
      brush.fillRect(((i * 83 + turn * 11) % 700) - 30, (i * 47 + turn * 5) % 360, 60, 40);
    }
  };
  draw();
  const timer = setInterval(draw, 50);
  const picture = canvas.captureStream(20);
  const context = new AudioContext();
  const tone = context.createOscillator();
  const target = context.createMediaStreamDestination();
  tone.connect(target);
  tone.start();
  const tracks = [...target.stream.getAudioTracks(), ...picture.getVideoTracks()];
  return {
    tracks,
    stop: () => {
      clearInterval(timer);
      for (const track of tracks) track.stop();
      tone.stop();
      void context.close();
    },
  };
}
