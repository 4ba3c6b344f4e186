"""Incidents with their history, what they were concluded from, and letters to people

Alerts become incidents that are closed. One that is open is closed now, because the engine begins
with no memory: if its trouble lasts, it is told once more.

Revision: 0006, after 0005
"""

import json
import time
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
SPACE = uuid.UUID('6f0c3a5e-2d1b-5e0a-9d53-7667616c6c73')
KINDS = {'gate_camera_down': 'camera', 'agent_silent': 'agent'}
EVERYBODY = 'mac-dinh'  # the receiver of whoever configured channels and wrote no receivers


def upgrade() -> None:

    op.add_column('agent_seen', sa.Column('items_ms', sa.BigInteger(), nullable=True))
    door = sa.text("kind IN ('closed', 'forced', 'held_open')")
    op.create_index('ix_gate_event_door', 'gate_event', ['occurred_ms'],
                    sqlite_where=door, postgresql_where=door)
    op.create_table('incident',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('root', sa.String(length=200), nullable=False),
    sa.Column('school', sa.String(length=64)),
    sa.Column('unit', sa.String(length=64)),
    sa.Column('severity', sa.String(length=16), nullable=False),
    sa.Column('phase', sa.String(length=16), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('began_ms', sa.BigInteger(), nullable=False),
    sa.Column('opened_ms', sa.BigInteger(), nullable=False),
    sa.Column('tell_ms', sa.BigInteger()),
    sa.Column('told_ms', sa.BigInteger()),
    sa.Column('ended_ms', sa.BigInteger()),
    sa.Column('closed_ms', sa.BigInteger()),
    sa.Column('retold_began_ms', sa.BigInteger()),
    sa.Column('retold_ended_ms', sa.BigInteger()),
    sa.Column('acknowledged_ms', sa.BigInteger()),
    sa.Column('acknowledged_by', sa.String(length=64)),
    sa.Column('assigned_to', sa.String(length=64)),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('folded', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident'))
    )
    op.create_index(op.f('ix_incident_open_incident_opened_ms'), 'incident', ['open', 'opened_ms'])
    op.create_index(op.f('ix_incident_school_incident_opened_ms'), 'incident', ['school', 'opened_ms'])
    op.create_index(op.f('ix_incident_opened_ms'), 'incident', ['opened_ms'])
    op.create_table('incident_step',
    sa.Column('id', ROW_ID, nullable=False),
    sa.Column('incident_id', sa.String(length=36), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('step', sa.String(length=32), nullable=False),
    sa.Column('person', sa.String(length=64)),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_step_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_step'))
    )
    op.create_index(op.f('ix_incident_step_incident_id'), 'incident_step', ['incident_id'])
    op.create_table('observation',
    sa.Column('id', ROW_ID, nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('aspect', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('signal', sa.String(length=16), nullable=False),
    sa.Column('cause', sa.String(length=64), nullable=False),
    sa.Column('since_ms', sa.BigInteger(), nullable=False),
    sa.Column('detail', sa.Text()),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_observation'))
    )
    op.create_index(op.f('ix_observation_at_ms'), 'observation', ['at_ms'])
    op.create_table('engine_memory',
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_engine_memory'))
    )
    op.create_table('letter',
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('incident_id', sa.String(length=36)),
    sa.Column('occasion', sa.String(length=16), nullable=False),
    sa.Column('receiver', sa.String(length=200), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('address', sa.String(length=320), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('created_ms', sa.BigInteger(), nullable=False),
    sa.Column('next_ms', sa.BigInteger()),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done_ms', sa.BigInteger()),
    sa.Column('outcome', sa.Text()),
    sa.Column('body', sa.Text()),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_letter_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter'))
    )
    op.create_index(op.f('ix_letter_next_ms'), 'letter', ['next_ms'])
    op.create_index(op.f('ix_letter_incident_id'), 'letter', ['incident_id'])
    sent = _deliveries()
    op.drop_table('delivery')
    op.create_table('delivery',
    sa.Column('id', ROW_ID, nullable=False),
    sa.Column('letter', sa.String(length=64), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('at_ms', sa.BigInteger(), nullable=False),
    sa.Column('ok', sa.Boolean(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery'))
    )
    op.create_index(op.f('ix_delivery_letter'), 'delivery', ['letter'])
    op.create_index(op.f('ix_delivery_channel_delivery_at_ms'), 'delivery', ['channel', 'at_ms'])
    _put('delivery', sent)
    incidents = _incidents(time.time_ns() // 1_000_000)
    _put('incident', incidents.values())
    _put('incident_step', _steps(incidents.values()))
    _put('letter', _letters(incidents))
    op.drop_table('outbox')
    op.drop_table('alert')


def _rows(query):
    return [dict(row) for row in op.get_bind().execute(sa.text(query)).mappings()]


def _put(table, rows):
    rows = list(rows)
    if rows:
        names = list(rows[0])
        bound = ', '.join(f':{name}' for name in names)
        op.get_bind().execute(
            sa.text(f'INSERT INTO {table} ({", ".join(names)}) VALUES ({bound})'), rows)


def _deliveries():
    return _rows('SELECT letter, transport AS channel, at_ms, ok, detail FROM delivery ORDER BY id')


def _incidents(now_ms):
    return {row['id']: _incident(row, now_ms) for row in _rows('SELECT * FROM alert ORDER BY id')}


def _incident(alert, now_ms):
    name = str(uuid.uuid5(SPACE, f"alert:{alert['id']}"))
    kind = KINDS.get(alert['rule'], 'camera')
    subject = alert['camera'] or alert['agent'] or alert['key']
    closed_ms = now_ms if alert['closed_ms'] is None else alert['closed_ms']
    ended_ms = closed_ms if alert['ended_ms'] is None else alert['ended_ms']
    cause = alert['cause'] or f'{kind}.{alert["state"]}'
    member = {
        'subject': [kind, subject], 'cause': cause, 'since': _at(alert['began_ms']),
        'until': _at(ended_ms), 'detail': alert['note'],
    }
    body = {
        'id': name, 'kind': kind, 'root': f'{kind}:{subject}', 'school': alert['school'],
        'severity': 'urgent', 'phase': 'closed', 'members': [member],
        'affected': [alert['camera']] if alert['camera'] else [],
        'required': [alert['zone']] if alert['zone'] else [],
        'began_at': _at(alert['began_ms']), 'opened_at': _at(alert['opened_ms']),
        'tell_at': _at(alert['opened_ms']), 'ended_at': _at(ended_ms), 'closed_at': _at(closed_ms),
    }
    return {
        'id': name, 'kind': kind, 'root': body['root'], 'school': alert['school'], 'unit': None,
        'severity': 'urgent', 'phase': 'closed', 'open': False,
        'began_ms': alert['began_ms'], 'opened_ms': alert['opened_ms'],
        'tell_ms': alert['opened_ms'], 'told_ms': alert['opened_ms'],
        'ended_ms': ended_ms, 'closed_ms': closed_ms,
        'acknowledged_ms': alert['acknowledged_ms'], 'acknowledged_by': alert['acknowledged_by'],
        'body': json.dumps(body, ensure_ascii=False),
        'folded': ' '.join((subject, alert['school'], cause)).lower(),
    }


def _steps(incidents):
    for row in incidents:
        yield {'incident_id': row['id'], 'at_ms': row['opened_ms'], 'step': 'opened',
               'person': None, 'text': ''}
        if row['acknowledged_ms'] is not None:
            yield {'incident_id': row['id'], 'at_ms': row['acknowledged_ms'],
                   'step': 'acknowledged', 'person': row['acknowledged_by'], 'text': ''}
        yield {'incident_id': row['id'], 'at_ms': row['closed_ms'], 'step': 'recovered',
               'person': None, 'text': ''}


def _letters(incidents):
    """Yield the outbox as letters; who waits to hear of an open alert hears of its incident."""
    query = ('SELECT o.*, a.open_key IS NOT NULL AS is_open'
             ' FROM outbox o JOIN alert a ON a.id = o.alert_id')
    for row in _rows(query):
        waits = row['next_ms'] is not None and not row['is_open']
        yield {
            'id': row['id'], 'incident_id': incidents[row['alert_id']]['id'],
            'occasion': row['reason'], 'receiver': EVERYBODY, 'channel': row['transport'],
            'address': '', 'language': 'vi', 'at_ms': row['created_ms'],
            'created_ms': row['created_ms'], 'next_ms': row['next_ms'] if waits else None,
            'attempts': row['attempts'], 'done_ms': row['done_ms'],
        }


def _at(ms):
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat().replace('+00:00', 'Z')


def downgrade() -> None:

    raise NotImplementedError('alerts and incidents are not the same: go back to a backup')
