"""The breaks of `make breaks`: for each promise of docs/guarantees.md, code that keeps it, and the same code broken."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARY = "braket_notifier"


@dataclass(frozen=True, slots=True)
class Break:
    """A way to break a promise: a file, its code, the broken code, and the tests that must then fail."""

    promise: str
    file: str
    code: str
    broken: str
    tests: tuple[str, ...]

    def applied(self) -> str:
        """The broken file. Raises ValueError if the code to break is missing."""
        code = (ROOT / self.file).read_text()
        if code.count(self.code) != 1:
            raise ValueError(f"{self.promise}: {self.file} does not hold exactly once: {self.code!r}")
        return code.replace(self.code, self.broken)


LEDGER = "tests/adapters/test_ledger.py::"
SNAPSHOTS = "tests/adapters/test_snapshots.py::"
PIPELINE = "tests/unit/tracking/test_record.py::"
FUNCTIONS = "tests/lambdas/test_functions.py::"
AMOUNTS = "tests/unit/grouping/test_announced_money.py::"
MONEY = "tests/lambdas/test_money.py::"
SLICES = "tests/unit/tracking/test_slices.py::"
DETECT = "tests/unit/tracking/test_detect.py::"
OUTAGES = "tests/long/test_outages.py::"
DELIVER_GROUPED = "tests/unit/grouping/test_deliver_grouped.py::"
BURSTS = "tests/long/test_bursts.py::"
OWNER_FALLBACK = "tests/unit/grouping/test_owner_fallback.py::"
HOLDS = "tests/unit/grouping/test_holds.py::"
NO_LONGER_ROUTED = "tests/unit/grouping/test_no_longer_routed.py::"
EPISODES = "tests/unit/grouping/test_episodes.py::"
BATCH_ENDS = "tests/unit/grouping/test_batch_ends.py::"
AWAITS_SWEEP = "tests/unit/grouping/test_awaits_sweep.py::"
JOB_ENDS = "tests/unit/grouping/test_job_ends.py::"
JOBS = "tests/unit/tracking/test_jobs.py::"
REMINDERS = "tests/unit/watching/test_reminders.py::"
ROUTES = "tests/unit/routing/test_routes.py::"
POLICY_JSON = "tests/unit/routing/test_policy_json.py::"
MIXED_VERSIONS = "tests/lambdas/test_mixed_versions.py::"
CHANNEL_LEASE = "tests/unit/sending/test_channel_lease.py::"
AWS = "tests/adapters/test_aws.py::"
OWNERS = "tests/unit/routing/test_owner_channels.py::"
OWNERS_GROUPED = "tests/unit/grouping/test_owner_channels.py::"
FLOOD = "tests/long/test_flood.py::"
PUBLISHED = "tests/lambdas/test_published.py::"
PACE = "tests/prove/months/test_pace.py::"
STATEMENTS = "tests/infra/test_statements.py::"
FALLBACK = "tests/long/test_fallback.py::"
INTERLEAVINGS = (
    "tests/prove/interleavings/test_interleavings.py::"
    "test_every_order_of_calls_with_any_one_fault_loses_nothing_and_repeats_only_unavoidably"
)
CHANNEL_FAULTS = (
    "tests/prove/channel_faults/test_channel_faults.py::"
    "test_every_fault_of_a_channel_is_classified_and_its_notification_accepted_once"
)
BREAKS = (
    Break(
        "the rank condition",
        f"{LIBRARY}/adapters/dynamodb/snapshots.py",
        "OR (#rank < :rank AND",
        "OR (#rank <> :rank AND",
        (f"{SNAPSHOTS}test_the_table_moves_a_row_exactly_when_the_core_allows_it",),
    ),
    Break(
        "the lease",
        f"{LIBRARY}/adapters/dynamodb/deliveries.py",
        "AND #lease_until <= :now AND",
        "AND #lease_until <> :now AND",
        (f"{LEDGER}test_a_claim_excludes_other_owners",),
    ),
    Break(
        "the mark after the send",
        f"{LIBRARY}/sending/claims.py",
        "    try:\n        answer = _send(",
        "    for notification, _ in claimed:\n"
        "        sender.ledger.delivered(notification, now=sender.clock())\n"
        "    try:\n        answer = _send(",
        (f"{PIPELINE}test_a_failure_waits_and_only_a_lost_acknowledgement_may_repeat", INTERLEAVINGS),
    ),
    Break(
        "a second between two posts",
        f"{LIBRARY}/sending/channel_lease.py",
        "self.clock() + (interval or self.interval)",
        "self.clock()",
        (f"{CHANNEL_LEASE}test_the_interval_counts_from_the_answer_of_a_long_send",),
    ),
    Break(
        "a URL on the host that the settings name",
        f"{LIBRARY}/adapters/https/endpoint.py",
        'return "" if good else',
        'return "" if good or url else',
        ("tests/adapters/test_services.py::test_a_url_of_another_host_is_refused_and_not_shown",),
    ),
    Break(
        "no repeat of a post to Slack",
        f"{LIBRARY}/adapters/https/call.py",
        "        raise UnacknowledgedError(in_words(error)) from None",
        "        return call(url, headers, body, deadline)",
        (CHANNEL_FAULTS,),
    ),
    Break(
        "no retry in SNS' client",
        f"{LIBRARY}/adapters/aws/clients.py",
        '\nONCE = REPEATED.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}',
        '\nONCE = REPEATED.merge(Config(retries={"mode": "standard", "total_max_attempts": 3}',
        (f"{AWS}test_an_email_is_published_once_for_every_answer_of_sns",),
    ),
    Break(
        "the relay of what was not dispatched",
        f"{LIBRARY}/sweep.py",
        "if (row.undispatched or unmarked) and",
        "if row.rank < 0 and",
        (
            f"{PIPELINE}test_a_transition_recorded_before_a_crash_is_enqueued_later",
            f"{FUNCTIONS}test_a_sweep_enqueues_recorded_transitions_that_are_not_dispatched",
            INTERLEAVINGS,
        ),
    ),
    Break(
        "the expiry of ended rows only",
        f"{LIBRARY}/adapters/dynamodb/snapshots.py",
        "        if row.snapshot.terminal:\n            ended",
        "        if row.snapshot:\n            ended",
        (f"{SNAPSHOTS}test_only_dispatched_ends_expire",),
    ),
    Break(
        "an unknown state of the ledger is no end",
        f"{LIBRARY}/adapters/dynamodb/deliveries.py",
        "    if state not in CLAIMABLE_STATES | FINISHED_STATES:\n",
        "    if not state:\n",
        (
            "tests/lambdas/test_mixed_versions.py::test_a_ledger_row_of_a_newer_version_defers_its_notification_alone",
            f"{LEDGER}test_a_row_that_only_a_newer_version_can_read_is_neither_finished_nor_claimed",
        ),
    ),
    Break(
        "an error in deliver that brings the record again",
        f"{LIBRARY}/sending/sqs_batch.py",
        "        log_failure(record, error)\n        return False\n",
        "        log_failure(record, error)\n        return True\n",
        (f"{FUNCTIONS}test_an_unexpected_error_brings_the_record_again",),
    ),
    Break(
        "a resource that Search lists late",
        f"{LIBRARY}/tracking/slices.py",
        "LISTED_EACH_HOUR = timedelta(hours=2)",
        "LISTED_EACH_HOUR = timedelta(minutes=2)",
        (f"{SLICES}test_a_task_that_search_lists_an_hour_late_is_found_within_the_next_hour",),
    ),
    Break(
        "an answer of Braket behind its event",
        f"{LIBRARY}/tracking/detect.py",
        "    if answer is not None and answer.rank >= reported.snapshot.rank:",
        "    if answer is not None:",
        (f"{DETECT}test_an_answer_behind_the_event_is_read_again_before_the_event_is_believed",),
    ),
    Break(
        "an earlier status after a later one",
        f"{LIBRARY}/adapters/dynamodb/deliveries.py",
        "            if self._in_order and self._is_superseded(notification):",
        "            if not self._in_order and self._is_superseded(notification):",
        (f"{LEDGER}test_a_notification_is_superseded_by_a_later_status",),
    ),
    Break(
        "one correction of an end",
        f"{LIBRARY}/adapters/dynamodb/snapshots.py",
        "        if condition == CORRECTION:",
        "        if not condition:",
        (f"{SNAPSHOTS}test_a_second_correction_changes_nothing",),
    ),
    Break(
        "one probe in each back-off",
        f"{LIBRARY}/sending/health.py",
        '    return "wait" if health.wait_s(now) > 0 else "probe"',
        '    return "probe"',
        (f"{OUTAGES}test_a_thousand_waiting_ends_cause_one_probe_in_each_back_off",),
    ),
    Break(
        "seventy-two hours before a notification is given up",
        f"{LIBRARY}/sending/health.py",
        "HORIZON = timedelta(hours=72)",
        "HORIZON = timedelta(hours=7)",
        (f"{OUTAGES}test_an_outage_gives_nothing_up_and_repeats_each_notification_once_at_most",),
    ),
    Break(
        "each refused notification of a digest",
        f"{LIBRARY}/sending/claims.py",
        "        raise_first(despite_errors(lambda each: gives_up(each[0]), claimed))",
        "        raise_first(despite_errors(lambda each: gives_up(each[0]), claimed[:1]))",
        (f"{DELIVER_GROUPED}test_refused_notifications_are_undelivered_one_by_one_with_their_reason",),
    ),
    Break(
        "ten new messages of a channel in ten minutes",
        f"{LIBRARY}/grouping/flood.py",
        "or rang >= most",
        "or rang >= 10 * most",
        (f"{FLOOD}test_120_ends_of_any_groups_are_twelve_messages_that_ring",),
    ),
    Break(
        "the new messages of a channel after a rollback",
        f"{LIBRARY}/grouping/pending.py",
        "    for each in (key, STANDS_IN.get(key, key)):",
        "    for each in (key, key):",
        (f"{FLOOD}test_a_flood_is_limited_while_only_a_newer_version_can_read_the_row_of_many",),
    ),
    Break(
        "the pace of late news",
        f"{LIBRARY}/grouping/decide.py",
        "    return max(now + READ_WAIT, group.shown_at + timing.window) if group.shown_at else now + READ_WAIT",
        "    return now + READ_WAIT",
        (f"{BURSTS}test_late_news_that_keep_coming_are_six_messages_an_hour_at_most",),
    ),
    Break(
        "a hold holds the last message of a card",
        f"{LIBRARY}/grouping/decide.py",
        "    if found.held_until and (found.why is Reason.WINDOW_ENDED or not found.news):",
        "    if found.held_until and not found.why:",
        (f"{HOLDS}test_nothing_is_written_in_a_hold_and_everything_is_sent_once_within_two_minutes_of_its_end",),
    ),
    Break(
        "a card whose closing record is lost",
        f"{LIBRARY}/grouping/deliver_grouped.py",
        "    return delivery.group.is_closing(delivery.timing, now) and not held",
        "    return False and not held",
        (f"{HOLDS}test_a_card_whose_closing_record_is_lost_is_closed_by_the_next_notification",),
    ),
    Break(
        "the routes as they are when a notification is sent",
        f"{LIBRARY}/grouping/pending.py",
        "if (reason := unrouted(each, policy))}",
        "if (reason := unrouted(each, policy)) is None}",
        (f"{NO_LONGER_ROUTED}test_ends_that_wait_follow_routes_and_ignores_as_they_are_when_they_are_sent",),
    ),
    Break(
        "a group that counts nothing of an earlier use",
        f"{LIBRARY}/grouping/group.py",
        "        return Group(max(self.episode + 1, first_of_hour)",
        "        return Group(min(self.episode + 1, first_of_hour)",
        (f"{EPISODES}test_a_batch_tag_that_is_used_again_after_weeks_counts_only_the_new_tasks",),
    ),
    Break(
        "a sweep before a group is said to be finished",
        f"{LIBRARY}/grouping/digests.py",
        "    if counted.open == 0 and not _swept_since(",
        "    if counted.open == 1 and not _swept_since(",
        (f"{AWAITS_SWEEP}test_nothing_of_this_batch_is_open_is_sent_after_a_sweep_that_began_after_its_last_end",),
    ),
    Break(
        "the end of a batch in a message about several groups",
        f"{LIBRARY}/grouping/flood.py",
        "finished=(sent,) if counted.open == 0 else ()",
        "finished=()",
        (f"{BATCH_ENDS}test_the_e_mail_with_the_last_end_of_a_batch_counts_the_whole_batch",),
    ),
    Break(
        "the line about tasks that end after their job",
        f"{LIBRARY}/tracking/jobs.py",
        "    if addressed := notifications(line, ports.policy) if line else ():",
        "    if addressed := notifications(line, ports.policy) if not line else ():",
        (f"{JOBS}test_tasks_that_end_after_their_job_are_announced_in_one_line_to_whoever_received_its_end",),
    ),
    Break(
        "the end of a job before the line about its last tasks",
        f"{LIBRARY}/grouping/job_ends.py",
        "    return since is None or sender.clock() - since < HORIZON",
        "    return since is None and sender.clock() - since < HORIZON",
        (f"{JOB_ENDS}test_the_line_about_last_tasks_is_never_sent_before_the_end_of_the_job",),
    ),
    Break(
        "the end of a job that was failing",
        f"{LIBRARY}/routing/conditions.py",
        "    return transition.warned and transition.snapshot.terminal",
        "    return transition.warned and not transition.snapshot.terminal",
        (f"{ROUTES}test_people_who_were_warned_that_a_job_is_failing_are_notified_of_its_end",),
    ),
    Break(
        "one reminder for each outage",
        f"{LIBRARY}/watching/reminders.py",
        "seen is not None and (before is None or before < seen.since)",
        "seen is not None",
        (f"{REMINDERS}test_an_outage_is_enqueued_once_for_a_channel_while_another_one_is_held",),
    ),
    Break(
        "a reminder is enqueued before it is remembered",
        f"{LIBRARY}/remind.py",
        '        enqueue_announcements("reminder routed", [each.notification for each in due], run.ports)\n',
        "        self.rows.save_watched(run.region, watched.after([each.key for each in due], (), (), now))\n"
        '        enqueue_announcements("reminder routed", [each.notification for each in due], run.ports)\n',
        ("tests/prove/test_reminders.py::test_a_sweep_that_dies_or_fails_at_any_moment_reminds_once",),
    ),
    Break(
        "one notice of a threshold for each amount",
        f"{LIBRARY}/watching/spending.py",
        "{self.word} {self.threshold} of {amount} since",
        "{self.word} {self.threshold} of 1 since",
        ("tests/prove/test_spending.py::test_a_raised_limit_and_a_new_period_are_announced_anew_and_once",),
    ),
    Break(
        "a threshold is enqueued before it is remembered",
        f"{LIBRARY}/bootstrap/spending.py",
        '        enqueue_announcements("spending limit routed", [each.notification for each in due], run.ports)\n',
        "        self.rows.save_sent(run.region, after(before, due, listed, policy))\n"
        '        enqueue_announcements("spending limit routed", [each.notification for each in due], run.ports)\n',
        ("tests/prove/test_spending.py::test_a_sweep_that_dies_or_fails_at_any_moment_announces_once",),
    ),
    Break(
        "the settings that were deployed last",
        f"{LIBRARY}/routing/published.py",
        "    if published.replaces(deployment):",
        "    if published.document:",
        (f"{PUBLISHED}test_an_earlier_file_that_is_deployed_again_is_followed_again",),
    ),
    Break(
        "no settings before the first answer about them",
        f"{LIBRARY}/routing/published.py",
        "            if not (self._follows or isinstance(error, NotifierError)):",
        "            if False:",
        (
            f"{PUBLISHED}test_a_function_that_starts_while_the_settings_cannot_be_read_routes_nothing_until_they_can",
            f"{MONEY}test_a_function_that_starts_while_the_settings_cannot_be_read_sends_nothing_until_they_can",
        ),
    ),
    Break(
        "a rule with an unknown member",
        f"{LIBRARY}/routing/policy_json.py",
        "    _refuse_others(table, {each.name for each in members}, where)",
        "    _refuse_others(table, table, where)",
        (f"{POLICY_JSON}test_an_unknown_member_anywhere_within_a_rule_makes_the_document_unfollowable",),
    ),
    Break(
        "an undelivered notification that is sent again",
        f"{LIBRARY}/adapters/dynamodb/deliveries.py",
        'GIVEN_UP = "#state IN (:undelivered, :reopened)"',
        'GIVEN_UP = "NOT #state IN (:undelivered, :reopened)"',
        (f"{LEDGER}test_only_an_undelivered_notification_is_reopened_with_a_new_horizon",),
    ),
    Break(
        "an installation that announces no history",
        f"{LIBRARY}/tracking/record.py",
        "    announce = not (baseline or is_old(snapshot, oldest, now))",
        "    announce = not baseline",
        (f"{PIPELINE}test_an_installation_over_thousands_of_ended_resources_announces_none",),
    ),
    Break(
        "an end whose event waited",
        f"{LIBRARY}/tracking/record.py",
        "    return min(start, reported.at or start) - EVENT_GRACE",
        "    return start",
        (f"{PIPELINE}test_ends_whose_events_waited_until_the_functions_could_run_are_announced",),
    ),
    Break(
        "a refused notification that is kept",
        "lambdas/deliver.py",
        '        shared.undelivered().put(record["body"], str(error))\n        logger.error(',
        "        logger.error(",
        (f"{FUNCTIONS}test_a_refused_notification_is_kept_with_its_reason",),
    ),
    Break(
        "a record of the next version that waits for it",
        f"{LIBRARY}/sending/sqs_batch.py",
        '        raise DeferError(wait_s, str(error), reason="NEWER_VERSION") from error',
        "        raise MalformedError(str(error)) from error",
        (f"{MIXED_VERSIONS}test_records_of_the_next_version_are_delivered_once_after_a_rolling_deployment",),
    ),
    Break(
        "the pace of what piled up",
        f"{LIBRARY}/domain/policy.py",
        "    sweep: float = 0.04",
        "    sweep: float = 0.02",
        (f"{PACE}test_what_piled_up_is_found_at_a_thousand_tasks_a_sweep_and_region",),
    ),
    Break(
        "an amount that stops no notification",
        f"{LIBRARY}/costs/costing.py",
        "        except Exception as error:  # noqa: BLE001 - an amount delays no notification",
        "        except LookupError as error:",
        ("tests/unit/costs/test_costing.py::test_a_failure_to_read_a_jobs_tasks_gives_no_cost",),
    ),
    Break(
        "the amount of a failed task with results, which nobody knows",
        f"{LIBRARY}/costs/cost.py",
        "    nothing_used = not (snapshot.successful_shots or may_have_results(snapshot))",
        "    nothing_used = True",
        ("tests/unit/costs/test_cost.py::test_a_task_costs_what_is_certain",),
    ),
    Break(
        "the rows of one channel",
        "infra/grants.py",
        '    return allow(actions, *resources, when=_only_rows(f"{channel}#*", like=True))',
        "    return allow(actions, *resources)",
        (f"{STATEMENTS}test_no_role_has_a_denied_right",),
    ),
    Break(
        "the published settings that no function writes",
        "infra/grants.py",
        "    return _refuse(snapshots, WRITES, [PUBLISHED, *further])",
        "    return _refuse(snapshots, WRITES[:1], [PUBLISHED, *further])",
        (f"{STATEMENTS}test_no_role_has_a_denied_right",),
    ),
    Break(
        "a channel that fails and stops no other",
        f"{LIBRARY}/adapters/aws/sqs.py",
        '                failures.append(f"{channel}: {error}")',
        "                raise",
        ("tests/adapters/test_sqs.py::test_a_channel_without_a_queue_stops_no_other",),
    ),
    Break(
        "the mark after the enqueueing to the fallback",
        f"{LIBRARY}/grouping/pass_on.py",
        "    fallback.queue.enqueue([",
        "    ledger.passed_on(notification, to=to, now=now)\n    fallback.queue.enqueue([",
        (f"{FALLBACK}test_a_crash_beside_the_enqueueing_to_the_fallback_loses_and_repeats_nothing",),
    ),
    Break(
        "a notification that is passed on once",
        f"{LIBRARY}/sending/fallback.py",
        "notification.refresh or goes_no_further or",
        "notification.refresh or",
        (f"{FALLBACK}test_two_channels_that_are_both_down_pass_nothing_to_and_fro",),
    ),
    Break(
        "a channel that is announced as down once in 24 hours",
        f"{LIBRARY}/sending/fallback.py",
        "(now - health.down_since) // ANNOUNCED_EVERY * ANNOUNCED_EVERY",
        "(now - health.down_since)",
        (f"{FALLBACK}test_a_channel_that_is_down_over_midnight_is_announced_once_in_24_hours",),
    ),
    Break(
        "one silent digest of what a fallback got",
        f"{LIBRARY}/grouping/decide.py",
        "    if passed_on:\n        return GroupKey(AWAY",
        "    if passed_on and held.pending:\n        return GroupKey(AWAY",
        (f"{FALLBACK}test_fifty_ends_of_a_channel_that_is_down_reach_its_fallback_and_one_silent_digest_afterwards",),
    ),
    Break(
        "nothing that a fallback got in another group's message",
        f"{LIBRARY}/grouping/pending.py",
        "if claim.granted and claim.passed_on and delivery.key != AWAY:",
        "if claim.granted and claim.passed_on and delivery.key == MANY:",
        (f"{FALLBACK}test_what_waited_in_a_group_and_was_passed_on_is_shown_in_the_silent_digest_alone",),
    ),
    Break(
        "an e-mail channel without a confirmed address",
        f"{LIBRARY}/adapters/aws/sns.py",
        "        if not self._confirmed:",
        "        if self._confirmed is None:",
        (f"{FALLBACK}test_an_e_mail_channel_without_a_confirmed_address_is_down_and_slack_gets_its_messages",),
    ),
    Break(
        "lost records of a person who is refused",
        f"{LIBRARY}/grouping/visits.py",
        "            _pass_on_due(each, error, wanted)\n",
        "",
        (f"{OWNER_FALLBACK}test_what_waits_for_a_refused_person_is_passed_on_although_its_records_are_lost",),
    ),
    Break(
        "a silent copy that blocks nothing",
        f"{LIBRARY}/grouping/deliver_grouped.py",
        'left_out = end.state == "SUPERSEDED" and end.reason.startswith(LEFT_OUT)',
        "left_out = end.state in LEFT_OUT",
        ("tests/unit/grouping/test_left_out.py::test_a_task_that_was_left_to_its_job_is_sent_if_it_is_passed_on",),
    ),
    Break(
        "few messages about unknown words",
        f"{LIBRARY}/grouping/announce.py",
        "len(recent(counted.single_times, A_DAY, now)) >= WORDS_A_DAY",
        "len(counted.single_times) > 10 * WORDS_A_DAY",
        ("tests/unit/grouping/test_announced_words.py::test_words_of_a_thousand_tasks_are_three_messages_a_day",),
    ),
    Break(
        "a weekly line that comes in its week or not at all",
        f"{LIBRARY}/sending/unwanted.py",
        "        return snapshot.ended_at is not None and now >= snapshot.ended_at",
        "        return snapshot.ended_at == now",
        ("tests/unit/grouping/test_weekly_line.py::test_a_line_is_left_out_once_its_week_is_over",),
    ),
    Break(
        "no amount in any channel once costs are switched off",
        f"{LIBRARY}/sending/unwanted.py",
        'return "" if policy.money and',
        'return "" if',
        (
            f"{AMOUNTS}test_an_amount_is_announced_unless_costs_were_switched_off_while_it_waited",
            f"{AMOUNTS}test_a_program_gets_an_amount_unless_its_time_is_over_or_costs_were_switched_off",
            f"{FUNCTIONS}test_a_handler_gets_no_notice_of_an_amount_after_a_deployment_without_costs",
        ),
    ),
    Break(
        "no amount in what has waited since before costs were switched off",
        f"{LIBRARY}/sending/unwanted.py",
        "snapshot.cost is None or settings().money",
        "snapshot.cost is None or settings()",
        (
            f"{MONEY}test_no_amount_of_any_kind_is_sent_a_minute_after_a_push_of_money_false",
            f"{MONEY}test_a_digest_of_what_a_mute_held_has_an_amount_only_if_the_settings_allow_it_at_its_end",
            f"{MONEY}test_a_card_that_is_edited_after_the_push_loses_its_amount",
        ),
    ),
    Break(
        "a push that programs follow too",
        f"{LIBRARY}/bootstrap/channels.py",
        "return SnsTopic(client, topic, shared.policy)",
        "return SnsTopic(client, topic, shared.shipped)",
        (f"{MONEY}test_no_amount_of_any_kind_is_sent_a_minute_after_a_push_of_money_false",),
    ),
    Break(
        "a submitter's name that is written once",
        f"{LIBRARY}/adapters/dynamodb/submitters.py",
        "AND attribute_not_exists(#submitter) AND",
        "AND",
        ("tests/adapters/test_submitters.py::test_a_name_is_saved_once_and_every_later_status_has_it",),
    ),
    Break(
        "one process on a state file",
        f"{LIBRARY}/adapters/sqlite/state_file.py",
        'self._database.execute("COMMIT")\n        self._database.execute("BEGIN IMMEDIATE")',
        'self._database.execute("COMMIT")',
        ("tests/adapters/test_state_file.py::test_a_second_notifier_is_refused_and_the_first_is_named_until_it_dies",),
    ),
    Break(
        "twenty minutes to an announcement beside an edited card",
        f"{LIBRARY}/grouping/group.py",
        "ANNOUNCED_EVERY = timedelta(minutes=20)",
        "ANNOUNCED_EVERY = timedelta(hours=20)",
        ("tests/long/test_announcements.py::test_each_end_of_a_series_is_announced_within_twenty_minutes",),
    ),
    Break(
        "a person's own notifications",
        f"{LIBRARY}/domain/notification.py",
        "{self.transition.status}|{self.channel}",
        "{self.transition.status}|{self.channel.partition('#')[0]}",
        (f"{OWNERS}test_a_task_is_sent_to_its_owner_and_to_whom_its_tag_names",),
    ),
    Break(
        "the owner alone",
        f"{LIBRARY}/routing/routes.py",
        '        yield from [] if named else [_not_chosen(channel, "no owner is known")]\n',
        "        yield from [] if named else [_choice(channel, transition, policy)]\n",
        (f"{OWNERS}test_a_task_is_sent_to_its_owner_and_to_whom_its_tag_names",),
    ),
    Break(
        "a person's own groups",
        f"{LIBRARY}/adapters/dynamodb/groups.py",
        "for each in partitions if each.startswith(prefix)]",
        "for each in partitions]",
        (
            "tests/adapters/test_groups.py::test_a_person_s_groups_are_visited_apart_from_those_of_the_channel_and_of_other_people",
        ),
    ),
    Break(
        "a mail's person",
        f"{LIBRARY}/adapters/aws/sns.py",
        "{PERSON: of_person} if self._person else {}",
        "{}",
        ("tests/adapters/test_sns.py::test_a_mail_to_a_person_names_the_person_for_the_filter_of_each_subscription",),
    ),
    Break(
        "a refusal of one person",
        f"{LIBRARY}/sending/claims.py",
        "one_person = isinstance(error, MendableError) and error.one_person",
        "one_person = False",
        (f"{OWNERS_GROUPED}test_a_refusal_of_one_person_holds_back_nobody_else",),
    ),
    Break(
        "nothing silent to a person",
        f"{LIBRARY}/grouping/deliver_grouped.py",
        "    if cards.needs_card(notification) and",
        "    if False and",
        (f"{OWNERS_GROUPED}test_a_silent_status_posts_nothing_to_a_person_and_edits_a_card_that_exists",),
    ),
    Break(
        "name and status alone for the team",
        f"{LIBRARY}/grouping/pass_on.py",
        "    return for_team(passed, name(notification.transition.snapshot))\n",
        "    return passed\n",
        ("tests/unit/grouping/test_owner_fallback.py::test_the_team_reads_name_and_status_alone",),
    ),
    Break(
        "what one person is refused is passed on",
        f"{LIBRARY}/sending/claims.py",
        "later.refused = tuple(notification for notification, _ in going_on) if one_person else ()",
        "later.refused = ()",
        ("tests/unit/grouping/test_owner_fallback.py::test_all_that_waits_for_a_refused_person_is_passed_on",),
    ),
    Break(
        "what both addresses of a person refuse",
        f"{LIBRARY}/sending/fallback.py",
        "notification.passed_from and not person_of(notification.passed_from)",
        "notification.passed_from",
        (
            "tests/unit/grouping/test_owner_fallback.py::test_what_both_addresses_of_a_person_refuse_reaches_the_team_once",
        ),
    ),
)
