import type { InfiniteData } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import type { components } from '../../../api/schema';
import { useCommand } from '../../../api/useCommand';
import { waitingKey } from '../../../session/waiting';
import { acceptDelivery, type Delivery, deliveriesKey, deliveryKey, refuseDelivery } from '../api/deliveries';

type Page = components['schemas']['ListBodyDelivery'];

/** Accepting and refusing: the row changes at once in every list, the rest is read again. */
export function useDecide() {
  const client = useQueryClient();
  const show = (delivery: Delivery) => {
    client.setQueriesData<InfiniteData<Page>>(
      { queryKey: deliveriesKey },
      (data) =>
        data && {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.map((item) => (item.id === delivery.id ? delivery : item)),
          })),
        },
    );
  };
  const touches = (_: unknown, delivery: Delivery) => [deliveryKey(delivery.id), waitingKey, ['work']];
  return {
    accept: useCommand({ run: acceptDelivery, onDone: show, touches }),
    refuse: useCommand({ run: refuseDelivery, onDone: show, touches }),
    show,
  };
}
