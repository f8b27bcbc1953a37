import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './MicMeter.module.css';

const cells = Array.from({ length: 20 }, (_, i) => i);

/** How loud the microphone hears, as a row of cells. Written past React: it changes sixty times a second. */
export function MicMeter({ stream }: { stream: MediaStream | null }) {
  const { t } = useTranslation('room');
  const root = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const meter = root.current;
    if (!stream || !meter) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let frame = 0;
    let shown = 0;
    const draw = () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, s) => sum + s * s, 0) / samples.length;
      const decibel = 10 * Math.log10(power + 1e-10);
      const level = Math.max(0, Math.min(1, (decibel + 60) / 50));
      shown = Math.max(level, shown - 0.03);
      const lit = Math.round(shown * cells.length);
      meter.setAttribute('aria-valuenow', String(Math.round(shown * 100)));
      Array.from(meter.children).forEach((cell, i) => {
        cell.classList.toggle(classes['on'] ?? 'on', i < lit);
      });
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => {
      cancelAnimationFrame(frame);
      void context.close();
    };
  }, [stream]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot be drawn as cells
    <div
      ref={root}
      className={classes['meter']}
      role="meter"
      aria-label={t('prejoin.level')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      {cells.map((cell) => (
        <span key={cell} className={classes['cell']} />
      ))}
    </div>
  );
}
