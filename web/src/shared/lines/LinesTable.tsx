import {
  IconAlertTriangleFilled,
  IconAntennaBars2,
  IconAntennaBars3,
  IconCircleCheckFilled,
  IconCircleDashed,
  IconPlugConnected,
} from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '../../lib/cx';
import { clock } from '../../lib/dates';
import type { Line } from './api';
import classes from './Lines.module.css';
import { layer, officeOf, rate, upOf } from './lines';

const looks = {
  absent: { Icon: IconCircleDashed, tone: 'dim' },
  connecting: { Icon: IconPlugConnected, tone: 'amber' },
  good: { Icon: IconCircleCheckFilled, tone: 'green' },
  weak: { Icon: IconAntennaBars3, tone: 'amber' },
  poor: { Icon: IconAntennaBars2, tone: 'red' },
  lost: { Icon: IconAlertTriangleFilled, tone: 'red' },
} as const;

/** One row for each participant: state in words, then the figures. On a phone the rows are blocks. */
export function LinesTable({ lines }: { lines: readonly Line[] }) {
  const { t } = useTranslation('line');
  return (
    <table className={classes['table']}>
      <thead>
        <tr>
          {(['person', 'state', 'loss', 'trip', 'rates', 'layers', 'freezes', 'way'] as const).map((name) => (
            <th key={name} scope="col">
              {t(`column.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <Row key={line.participant_id || line.appointment.id} line={line} />
        ))}
      </tbody>
    </table>
  );
}

const Row = memo(function Row({ line }: { line: Line }) {
  const { t, i18n } = useTranslation('line');
  const { Icon, tone } = looks[line.state];
  const number = (value: number) => value.toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  return (
    <tr data-testid="line-row" data-state={line.state}>
      <th scope="row" className={classes['person']}>
        {line.appointment.full_name}
        <span className={classes['office']}>{officeOf(line)}</span>
      </th>
      <td className={classes['stateCell']}>
        <span className={cx(classes['state'], classes[tone])}>
          <Icon size={16} aria-hidden />
          <span className={classes['word']}>{t(`state.${line.state}`)}</span>
        </span>
        <span className={classes['office']}>
          {[line.why && t(`why.${line.why}`), line.since && t('since', { at: clock(line.since) })]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </td>
      {line.state === 'absent' ? (
        <td colSpan={6} className={classes['nothing']} />
      ) : (
        <>
          <td data-label={t('column.loss')}>
            ↑ {number(line.loss_up)} % <br /> ↓ {number(line.loss_down)} %
          </td>
          <td data-label={t('column.trip')}>{line.round_trip_ms > 0 ? `${line.round_trip_ms} ms` : ''}</td>
          <td data-label={t('column.rates')}>
            ↑ {rate(upOf(line), i18n.language)} <br /> ↓ {rate(line.down_kbps, i18n.language)}
          </td>
          <td data-label={t('column.layers')}>
            ↑ {layer(line.sends_layer, line.sends_layers) || '–'} <br /> ↓{' '}
            {layer(line.gets_layer, line.gets_layers) || '–'}
          </td>
          <td data-label={t('column.freezes')}>
            {t('freezes', { n: line.freezes })}
            <br />
            {t('frozen', { s: number(line.frozen_ms / 1000) })}
          </td>
          <td data-label={t('column.way')}>{line.way && t(`way.${line.way}`)}</td>
        </>
      )}
    </tr>
  );
});
