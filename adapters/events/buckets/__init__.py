"""What Google tells of the objects of a bucket, by Pub/Sub: a reason to look at the bucket, nothing more."""
