import { Button } from '@mantine/core';
import { IconCheck, IconCopy, IconPlayerPlayFilled, IconX } from '@tabler/icons-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../../lib/cx';
import { live, useLiveStatus } from '../../../live/live';
import { technicalLines } from '../../../media/connectionFigures';
import { ConnectionTest, type TestSnapshot, type TestStep, testSteps } from '../../../media/connectionTest';
import { syntheticMedia } from '../../../media/testMedia';
import { PageHeader } from '../../../ui/PageHeader';
import { isGoodFigure, type StepLine, stepLine } from '../logic/connectionLines';
import classes from './ConnectionPage.module.css';

/** Finds out whether sound and pictures of a meeting get through from here, and what to do when they do not. */
export function ConnectionPage() {
  const { t } = useTranslation('connection');
  const [test] = useState(() => new ConnectionTest({ road: live, media: syntheticMedia }));
  const state = useSyncExternalStore(test.subscribe, test.getSnapshot);
  const status = useLiveStatus();
  useEffect(() => () => test.cancel(), [test]);
  const running = state.phase === 'running';
  return (
    <>
      <PageHeader title={t('title')} />
      <div className={classes['page']}>
        <p className={classes['lead']}>{t('lead')}</p>
        <div className={classes['acts']}>
          {running ? (
            <Button variant="default" leftSection={<IconX size={17} aria-hidden />} onClick={() => test.cancel()}>
              {t('cancel')}
            </Button>
          ) : (
            <Button
              leftSection={<IconPlayerPlayFilled size={15} aria-hidden />}
              disabled={status === 'connecting'}
              onClick={() => void test.start()}
            >
              {t(state.phase === 'idle' ? 'start' : 'again')}
            </Button>
          )}
          {(state.phase === 'done' || state.phase === 'cancelled') && <Copy state={state} />}
        </div>
        {state.phase !== 'idle' && (
          <ol className={classes['steps']} aria-label={t('steps')}>
            {testSteps.map((step) => (
              <Step key={step} step={step} line={stepLine(state, step)} />
            ))}
          </ol>
        )}
        {state.quality && <Figures state={state} />}
        <div aria-live="polite">
          {state.refused && <p className={cx(classes['verdict'], classes['bad'])}>{t('refused')}</p>}
          {state.verdict && (
            <section
              className={cx(classes['verdict'], classes[state.verdict === 'good' ? 'good' : 'bad'])}
              data-testid="verdict"
              data-verdict={state.verdict}
            >
              <h2>{t(`verdict.${state.verdict}.title`)}</h2>
              <p>{t(`verdict.${state.verdict}.text`)}</p>
            </section>
          )}
          {state.phase === 'cancelled' && <p className={classes['lead']}>{t('cancelled')}</p>}
        </div>
      </div>
    </>
  );
}

function Step({ step, line }: { step: TestStep; line: StepLine }) {
  const { t } = useTranslation('connection');
  return (
    <li className={classes['step']} data-state={line.state} data-step={step}>
      <span className={classes['mark']} aria-hidden>
        {line.state === 'ok' ? <IconCheck size={16} /> : line.state === 'failed' ? <IconX size={16} /> : null}
      </span>
      <span>
        <b>{t(`step.${step}.name`)}</b>
        <span className={classes['hint']}>{t(`step.${step}.hint`)}</span>
      </span>
      <span className={classes['result']}>
        {t(`state.${line.state}`)}
        {line.ms !== undefined && ` · ${Math.round(line.ms)} ms`}
        {line.progress !== undefined && ` · ${Math.round(line.progress * 100)} %`}
      </span>
    </li>
  );
}

function Figures({ state }: { state: TestSnapshot }) {
  const { t, i18n } = useTranslation('connection');
  const { quality } = state;
  if (!quality) return null;
  const number = (x: number, digits: number) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits }).format(x);
  const figures = [
    ['lostUp', quality.lostUp, `${number(quality.lostUp * 100, 1)} %`],
    ['lostDown', quality.lostDown, `${number(quality.lostDown * 100, 1)} %`],
    ['roundTrip', quality.roundTrip, `${number(quality.roundTrip, 0)} ms`],
    ['rate', quality.rate, `${number(quality.rate, 0)} kbit/s`],
  ] as const;
  return (
    <dl className={classes['figures']}>
      {figures.map(([name, value, text]) => (
        <div key={name}>
          <dt>{t(`figure.${name}`)}</dt>
          <dd className={isGoodFigure(name, value) ? undefined : classes['weak']}>{text}</dd>
        </div>
      ))}
      <div>
        <dt>{t('figure.way')}</dt>
        <dd>{t(`way.${quality.way}`)}</dd>
      </div>
    </dl>
  );
}

function Copy({ state }: { state: TestSnapshot }) {
  const { t } = useTranslation('connection');
  const [copied, setCopied] = useState(false);
  const text = technicalLines(
    { at: new Date().toISOString(), host: window.location.host, browser: navigator.userAgent },
    state.socket,
    state.ways,
    state.quality,
    state.verdict,
  );
  return (
    <Button
      variant="default"
      leftSection={copied ? <IconCheck size={17} aria-hidden /> : <IconCopy size={17} aria-hidden />}
      onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
    >
      {t(copied ? 'copied' : 'copy')}
    </Button>
  );
}
