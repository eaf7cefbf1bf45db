"""What runs the stages over all objects: processes of this machine, or Apache Beam."""
