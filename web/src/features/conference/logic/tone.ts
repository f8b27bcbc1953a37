type Sinkable = AudioContext & { setSinkId?: (id: string) => Promise<void> };

/** Plays three short notes on the chosen loudspeaker (the usual one when empty) and resolves when they are over. */
export async function playTone(speakerId: string): Promise<void> {
  const context: Sinkable = new AudioContext();
  try {
    if (speakerId && context.setSinkId) await context.setSinkId(speakerId).catch(() => undefined);
    await context.resume();
    const gain = context.createGain();
    gain.gain.value = 0.18;
    gain.connect(context.destination);
    const start = context.currentTime + 0.05;
    const notes = [523.25, 659.25, 783.99];
    const ends = notes.map((frequency, i) => {
      const note = context.createOscillator();
      note.frequency.value = frequency;
      note.connect(gain);
      note.start(start + i * 0.28);
      note.stop(start + i * 0.28 + 0.22);
      return note;
    });
    await new Promise<void>((resolve) => {
      const last = ends.at(-1);
      if (last) last.onended = () => resolve();
      else resolve();
    });
  } finally {
    await context.close();
  }
}
