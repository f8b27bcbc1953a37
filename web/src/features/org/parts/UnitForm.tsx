import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DayInput } from '../../../ui/DayInput';
import { FormDialog } from '../../../ui/FormDialog';
import { useSaveUnit } from '../api/org';
import type { Unit } from '../types';

/** Adds, renames or ends a unit of an agency. */
export function UnitForm({ agencyId, unit, onClose }: { agencyId: string; unit: Unit | null; onClose: () => void }) {
  const { t } = useTranslation('org');
  const [name, setName] = useState(unit?.name ?? '');
  const [symbol, setSymbol] = useState(unit?.symbol ?? '');
  const [validTo, setValidTo] = useState<string | null>(unit?.valid_to ?? null);
  const save = useSaveUnit(agencyId, unit, onClose);
  return (
    <FormDialog
      opened
      title={unit ? t('unit.changeTitle') : t('unit.addTitle')}
      verb={unit ? t('unit.save') : t('unit.add')}
      pending={save.isPending}
      disabled={!name.trim()}
      error={save.error}
      onClose={onClose}
      onSubmit={() =>
        save.mutate({
          name: name.trim(),
          symbol: symbol.trim(),
          ...(unit ? { valid_from: unit.valid_from } : {}),
          ...(validTo ? { valid_to: validTo } : {}),
        })
      }
    >
      <TextInput
        label={t('unit.name')}
        required
        maxLength={200}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t('unit.symbol')}
        maxLength={30}
        value={symbol}
        onChange={(event) => setSymbol(event.currentTarget.value)}
      />
      {unit && <DayInput label={t('unit.validTo')} clearable value={validTo} onChange={setValidTo} />}
    </FormDialog>
  );
}
