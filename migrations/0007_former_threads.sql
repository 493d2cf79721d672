CREATE TABLE "former_thread" (
	"team_id" text NOT NULL,
	"channel" text NOT NULL,
	"thread_ts" text NOT NULL,
	"campaign_id" text NOT NULL,
	"left_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "former_thread_team_id_channel_thread_ts_pk" PRIMARY KEY("team_id","channel","thread_ts")
);
--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "thread_lost_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "former_thread" ADD CONSTRAINT "former_thread_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;