CREATE TABLE "approval" (
	"id" text PRIMARY KEY NOT NULL,
	"campaign_id" text NOT NULL,
	"node_id" bigint NOT NULL,
	"state" text NOT NULL,
	"spec_hashes" jsonb NOT NULL,
	"expected_seconds" double precision NOT NULL,
	"expected_usd" double precision NOT NULL,
	"ceiling_seconds" double precision NOT NULL,
	"ceiling_usd" double precision NOT NULL,
	"card" jsonb NOT NULL,
	"cheaper" jsonb,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "approval_decided" CHECK ("approval"."state" = 'pending' or "approval"."decided_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "approval_vote" (
	"approval_id" text NOT NULL,
	"user_id" text NOT NULL,
	"decision" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "approval_vote_approval_id_user_id_pk" PRIMARY KEY("approval_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "calibration" (
	"name" text PRIMARY KEY NOT NULL,
	"factor" double precision NOT NULL,
	"runs" integer NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "campaign" (
	"id" text PRIMARY KEY NOT NULL,
	"team_id" text NOT NULL,
	"channel" text NOT NULL,
	"thread_ts" text NOT NULL,
	"created_by" text NOT NULL,
	"state" text NOT NULL,
	"paused" boolean DEFAULT false NOT NULL,
	"held_because" text,
	"brief" jsonb,
	"splits" jsonb,
	"open_card" jsonb,
	"steering" jsonb NOT NULL,
	"heard" integer DEFAULT 0 NOT NULL,
	"final" jsonb,
	"time_zone" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "channel" (
	"team_id" text NOT NULL,
	"channel" text NOT NULL,
	"time_zone" text NOT NULL,
	"summary_minute" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "channel_team_id_channel_pk" PRIMARY KEY("team_id","channel")
);
--> statement-breakpoint
CREATE TABLE "dataset" (
	"sha256" text PRIMARY KEY NOT NULL,
	"report" jsonb NOT NULL,
	"rows_blob" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"campaign_id" text,
	"name" text NOT NULL,
	"actor" text NOT NULL,
	"data" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"key" text PRIMARY KEY NOT NULL,
	"thread" text NOT NULL,
	"ts" text NOT NULL,
	"payload" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"available_at" timestamp (3) with time zone NOT NULL,
	"lease_token" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"last_error" text,
	"received_at" timestamp (3) with time zone NOT NULL,
	"done_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "insight" (
	"campaign_id" text NOT NULL,
	"factor" text NOT NULL,
	"effect" jsonb NOT NULL,
	"text" text NOT NULL,
	"told_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "insight_campaign_id_factor_pk" PRIMARY KEY("campaign_id","factor")
);
--> statement-breakpoint
CREATE TABLE "intake_entry" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "intake_entry_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"campaign_id" text NOT NULL,
	"source" text NOT NULL,
	"user_id" text NOT NULL,
	"entry" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "job" (
	"key" text PRIMARY KEY NOT NULL,
	"campaign_id" text NOT NULL,
	"trial_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"attempt" integer NOT NULL,
	"state" text NOT NULL,
	"cluster_state" text,
	"reason" text,
	"exit_code" integer,
	"limit_seconds" double precision NOT NULL,
	"run_seconds" double precision DEFAULT 0 NOT NULL,
	"metrics_offset" integer DEFAULT 0 NOT NULL,
	"cancel_because" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"submitted_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "job_attempt_positive" CHECK ("job"."attempt" >= 1)
);
--> statement-breakpoint
CREATE TABLE "lease" (
	"name" text PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"token" bigint NOT NULL,
	"until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "message_slot" (
	"slot" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"ts" text NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metric" (
	"trial_id" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"seq" integer NOT NULL,
	"step" integer NOT NULL,
	"steps" integer NOT NULL,
	"values" jsonb NOT NULL,
	CONSTRAINT "metric_trial_id_attempt_seq_pk" PRIMARY KEY("trial_id","attempt","seq")
);
--> statement-breakpoint
CREATE TABLE "node" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "node_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"campaign_id" text NOT NULL,
	"number" integer NOT NULL,
	"parent_id" bigint,
	"state" text NOT NULL,
	"strategy" text NOT NULL,
	"title" text NOT NULL,
	"hypothesis" text NOT NULL,
	"recipe" jsonb,
	"trace" jsonb,
	"factors" jsonb NOT NULL,
	"expected_gain" jsonb,
	"refuted_by" text NOT NULL,
	"best_trial_id" bigint,
	"score" jsonb,
	"delta" jsonb,
	"diagnosis" jsonb,
	"failure" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"campaign_id" text,
	"channel" text NOT NULL,
	"thread_ts" text,
	"slot" text,
	"payload" jsonb NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"available_at" timestamp (3) with time zone NOT NULL,
	"lease_token" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"last_error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "reservation" (
	"key" text PRIMARY KEY NOT NULL,
	"campaign_id" text NOT NULL,
	"trial_id" bigint,
	"purpose" text NOT NULL,
	"state" text NOT NULL,
	"ceiling_seconds" double precision NOT NULL,
	"ceiling_usd" double precision NOT NULL,
	"spent_seconds" double precision DEFAULT 0 NOT NULL,
	"spent_usd" double precision DEFAULT 0 NOT NULL,
	"held_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "reservation_amounts" CHECK ("reservation"."ceiling_seconds" >= 0 and "reservation"."ceiling_usd" >= 0 and "reservation"."spent_seconds" >= 0)
);
--> statement-breakpoint
CREATE TABLE "schedule_run" (
	"team_id" text NOT NULL,
	"channel" text NOT NULL,
	"name" text NOT NULL,
	"local_date" text NOT NULL,
	"snapshot" jsonb NOT NULL,
	"claimed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "schedule_run_team_id_channel_name_local_date_pk" PRIMARY KEY("team_id","channel","name","local_date")
);
--> statement-breakpoint
CREATE TABLE "split_result" (
	"trial_id" bigint NOT NULL,
	"split" text NOT NULL,
	"score" jsonb NOT NULL,
	"items" jsonb NOT NULL,
	CONSTRAINT "split_result_trial_id_split_pk" PRIMARY KEY("trial_id","split")
);
--> statement-breakpoint
CREATE TABLE "trial" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "trial_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"campaign_id" text NOT NULL,
	"node_id" bigint NOT NULL,
	"index" integer NOT NULL,
	"purpose" text NOT NULL,
	"state" text NOT NULL,
	"spec" jsonb NOT NULL,
	"spec_hash" text NOT NULL,
	"changes" jsonb NOT NULL,
	"expected_seconds" double precision NOT NULL,
	"ceiling_seconds" double precision NOT NULL,
	"expected_usd" double precision NOT NULL,
	"ceiling_usd" double precision NOT NULL,
	"outcome" jsonb,
	"failure" jsonb,
	"progress" double precision,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "approval" ADD CONSTRAINT "approval_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval" ADD CONSTRAINT "approval_node_id_node_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."node"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approval_vote" ADD CONSTRAINT "approval_vote_approval_id_approval_id_fk" FOREIGN KEY ("approval_id") REFERENCES "public"."approval"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "event" ADD CONSTRAINT "event_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "insight" ADD CONSTRAINT "insight_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "intake_entry" ADD CONSTRAINT "intake_entry_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job" ADD CONSTRAINT "job_key_reservation_key_fk" FOREIGN KEY ("key") REFERENCES "public"."reservation"("key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job" ADD CONSTRAINT "job_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "job" ADD CONSTRAINT "job_trial_id_trial_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trial"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "metric" ADD CONSTRAINT "metric_trial_id_trial_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trial"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node" ADD CONSTRAINT "node_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node" ADD CONSTRAINT "node_parent" FOREIGN KEY ("parent_id") REFERENCES "public"."node"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reservation" ADD CONSTRAINT "reservation_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reservation" ADD CONSTRAINT "reservation_trial_id_trial_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trial"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "split_result" ADD CONSTRAINT "split_result_trial_id_trial_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trial"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trial" ADD CONSTRAINT "trial_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trial" ADD CONSTRAINT "trial_node_id_node_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."node"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approval_open" ON "approval" USING btree ("campaign_id","state");--> statement-breakpoint
CREATE UNIQUE INDEX "campaign_thread" ON "campaign" USING btree ("team_id","channel","thread_ts");--> statement-breakpoint
CREATE INDEX "campaign_state" ON "campaign" USING btree ("state");--> statement-breakpoint
CREATE INDEX "event_campaign" ON "event" USING btree ("campaign_id","id");--> statement-breakpoint
CREATE INDEX "inbox_open" ON "inbox" USING btree ("state","available_at") WHERE "inbox"."state" <> 'done';--> statement-breakpoint
CREATE INDEX "inbox_thread" ON "inbox" USING btree ("thread","ts");--> statement-breakpoint
CREATE INDEX "inbox_leased" ON "inbox" USING btree ("thread") WHERE "inbox"."lease_until" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "intake_entry_source" ON "intake_entry" USING btree ("campaign_id","source");--> statement-breakpoint
CREATE UNIQUE INDEX "job_attempt" ON "job" USING btree ("trial_id","kind","attempt");--> statement-breakpoint
CREATE INDEX "job_live" ON "job" USING btree ("state");--> statement-breakpoint
CREATE UNIQUE INDEX "node_number" ON "node" USING btree ("campaign_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "node_one_root" ON "node" USING btree ("campaign_id") WHERE "node"."parent_id" is null;--> statement-breakpoint
CREATE INDEX "node_open" ON "node" USING btree ("campaign_id","state");--> statement-breakpoint
CREATE UNIQUE INDEX "outbox_key" ON "outbox" USING btree ("key");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("available_at") WHERE "outbox"."state" in ('pending', 'sending');--> statement-breakpoint
CREATE INDEX "outbox_slot" ON "outbox" USING btree ("slot");--> statement-breakpoint
CREATE INDEX "reservation_campaign" ON "reservation" USING btree ("campaign_id","state");--> statement-breakpoint
CREATE UNIQUE INDEX "trial_index" ON "trial" USING btree ("node_id","index");--> statement-breakpoint
CREATE UNIQUE INDEX "trial_spec" ON "trial" USING btree ("campaign_id","spec_hash");--> statement-breakpoint
CREATE INDEX "trial_open" ON "trial" USING btree ("campaign_id","state");