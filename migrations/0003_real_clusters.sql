CREATE TABLE "discard" (
	"job_key" text NOT NULL,
	"what" text NOT NULL,
	"campaign_id" text NOT NULL,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"done_at" timestamp (3) with time zone,
	"bytes" bigint,
	CONSTRAINT "discard_job_key_what_pk" PRIMARY KEY("job_key","what")
);
--> statement-breakpoint
CREATE TABLE "shipment" (
	"id" text PRIMARY KEY NOT NULL,
	"campaign_id" text NOT NULL,
	"state" text NOT NULL,
	"round" integer NOT NULL,
	"run_key" text NOT NULL,
	"weights_sha256" text NOT NULL,
	"weights_bytes" bigint NOT NULL,
	"terms" jsonb NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"progress" double precision,
	"url" text,
	"problem" text,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "approval" ADD COLUMN "kind" text DEFAULT 'money' NOT NULL;--> statement-breakpoint
ALTER TABLE "calibration" ADD COLUMN "squared_error" double precision;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "weights_settled_at" timestamp (3) with time zone DEFAULT now();--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "pulse" jsonb;--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "stop" jsonb;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "proposal" jsonb;--> statement-breakpoint
ALTER TABLE "trial" ADD COLUMN "predicted_seconds" double precision;--> statement-breakpoint
ALTER TABLE "discard" ADD CONSTRAINT "discard_job_key_job_key_fk" FOREIGN KEY ("job_key") REFERENCES "public"."job"("key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discard" ADD CONSTRAINT "discard_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shipment" ADD CONSTRAINT "shipment_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "discard_campaign" ON "discard" USING btree ("campaign_id");--> statement-breakpoint
CREATE INDEX "discard_open" ON "discard" USING btree ("decided_at") WHERE "discard"."done_at" is null;--> statement-breakpoint
CREATE INDEX "shipment_campaign" ON "shipment" USING btree ("campaign_id","requested_at");--> statement-breakpoint
CREATE INDEX "shipment_due" ON "shipment" USING btree ("due_at") WHERE "shipment"."state" in ('approved', 'shipping');